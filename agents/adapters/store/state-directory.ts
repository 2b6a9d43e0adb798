import { setTimeout as sleep } from 'node:timers/promises';
import { type Kind, KINDS } from '../../../api/kinds.ts';
import { deepEqual } from '../../../api/meta/merge-patch.ts';
import type { ApiObject, ObjectKey } from '../../../api/meta/object.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';
import { ensureDirectory } from './durable-file.ts';
import { Edits } from './edits.ts';
import { FileLock } from './file-lock.ts';
import type { FileSystem } from './file-system.ts';
import type { JournalEntry, Position } from './journal.ts';
import { Layout } from './layout.ts';
import { EditedMeanwhile } from './manifest-commit.ts';
import type { Mutation } from './mutations.ts';
import { ObjectFiles } from './object-files.ts';
import { listKeys } from './object-lister.ts';
import { ObjectWriter, type State } from './object-writer.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { isVersion, revisionOf, storedStatus } from './records.ts';
import { Revisions } from './revisions.ts';
import { Settler } from './settler.ts';

export interface StateDirectoryComponents {
  clock: Clock;
  logger: Logger;
  fileSystem: FileSystem;
  process: ProcessIdentity;
}

/** What a request makes of an object; see mutations.ts. Runs again when the object has changed meanwhile. */
export type Decide = (current: ApiObject | undefined) => Mutation | undefined;

export interface ChangeOptions {
  dryRun?: boolean | undefined;
  /** `spec`: everything but the status. `manifest`: and the manifest anew, where it is missing or invalid. */
  target: 'spec' | 'manifest' | 'status';
}

/** A file that is still being written is not read before it has rested so long. */
const QUIET_MS = 50;

/** One that never rests is read all the same, a second later. */
const MAX_WAITS = 20;
