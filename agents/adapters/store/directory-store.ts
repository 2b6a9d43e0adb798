import type { Kind } from '../../../api/kinds.ts';
import type { MergePatch } from '../../../api/meta/merge-patch.ts';
import { keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
import type { SourceError } from '../../../api/yaml.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type {
  Applicable,
  Applied,
  DeleteOptions,
  List,
  ListOptions,
  PatchOptions,
  Store,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../../controllers/ports/store.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { reported } from './file-errors.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { checkKey, checkKind } from './keys.ts';
import { later } from './later.ts';
import { applyObject, deleteObject, patchObjectStatus } from './mutations.ts';
import { newUID } from './new-uid.ts';
import { findProblems } from './problems.ts';
import { type ProcessIdentity, thisProcess } from './process-identity.ts';
import { isListed } from './selection.ts';
import { inSlices } from './slices.ts';
import { StateDirectory, type StateDirectoryInit } from './state-directory.ts';
import { loadValidation } from './validation.ts';

export interface DirectoryStoreComponents {
  clock: Clock;
  logger: Logger;
  /** Default: the real one. */
  fileSystem?: FileSystem;
  /** Default: this one. */
  process?: ProcessIdentity;
}

/**
 * A Store in a directory that programs and editors share. Reads take no lock and are fresh; an
 * acknowledged write survives kill -9 and power loss, but for statuses and Events: a power loss may
 * bring back older ones.
 *
 *     manifests/<plural>/[<owner>/][<namespace>/]<name>.yaml   what people write, and nothing else
 *     records/...json     the object, and its status as of this change; which manifest it was made of
 *     records/...next     the record of a write under way (manifest-commit.ts)
 *     status/...json      the status, and a copy of the object's identity in case the record is lost
 *     revision, journal   how far versions are, and what was written lately (revisions.ts)
 *     lock                held during one write (file-lock.ts)
 *     quarantine/         damaged files of machines, overwritten invalid files of people
 */
export class DirectoryStore implements Store {
  readonly #clock: Clock;
  readonly #fileSystem: FileSystem;
  readonly #directory: StateDirectory;
  readonly #watch: DirectoryWatch;

  constructor(
    { clock, logger, fileSystem = nodeFileSystem, process = thisProcess() }: DirectoryStoreComponents,
    init: StateDirectoryInit,
  ) {
    const components = { clock, logger, fileSystem, process };
    this.#clock = clock;
    this.#fileSystem = fileSystem;
    this.#directory = new StateDirectory(components, init);
    this.#watch = new DirectoryWatch({ ...components, directory: this.#directory });
  }

  get<K extends Kind>(key: ObjectKey<K>): Promise<ObjectOf<K> | undefined> {
    return reported(async () => (await this.#directory.load(checkKey(key))) as ObjectOf<K> | undefined);
  }

  list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<List<K>> {
    return reported(async () => {
      const resourceVersion = String(this.#directory.revisions.settled());
      const items: ObjectOf<K>[] = [];
      for await (const key of inSlices(this.#directory.keys(checkKind(kind).kind, options))) {
        const object = await this.#directory.load(key);
        if (object && isListed(object.metadata, options)) items.push(object as ObjectOf<K>);
      }
      return { items, resourceVersion };
    });
  }

  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<K>> {
    return this.#watch.watch(kind, options) as AsyncIterable<WatchEvent<K>>;
  }

  apply<K extends Kind>(object: Applicable<K>, options: WriteOptions = {}): Promise<Applied<K>> {
    return reported(async () => {
      const context = { now: new Date(this.#clock.now()), newUID };
      const applied = await this.#directory.change(
        checkKey(keyOf(object)),
        (current) => applyObject(current, object, options, context),
        { target: 'manifest', dryRun: options.dryRun },
      );
      return applied as unknown as Applied<K>;
    });
  }

  patch<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: PatchOptions = {},
  ): Promise<ObjectOf<K>> {
    return reported(async () => {
      const { patchObject } = await later.patch();
      const validation = await loadValidation();
      const patched = await this.#directory.change(
        checkKey(key),
        (current) => patchObject(current, key, patch, options, validation),
        { target: 'spec', dryRun: options.dryRun },
      );
      return patched?.object as ObjectOf<K>;
    });
  }

  patchStatus<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: WriteOptions = {},
  ): Promise<ObjectOf<K>> {
    return reported(async () => {
      const patched = await this.#directory.change(
        checkKey(key),
        (current) => patchObjectStatus(current, key, patch, options),
        { target: 'status', dryRun: options.dryRun },
      );
      return patched?.object as ObjectOf<K>;
    });
  }

  delete<K extends Kind>(key: ObjectKey<K>, options: DeleteOptions = {}): Promise<ObjectOf<K> | undefined> {
    return reported(async () => {
      const now = new Date(this.#clock.now());
      const deleted = await this.#directory.change(
        checkKey(key),
        (current) => deleteObject(current, options, { now }),
        { target: 'spec', dryRun: options.dryRun },
      );
      return deleted?.object as ObjectOf<K> | undefined;
    });
  }

  /** Every mistake in every manifest of the directory. */
  problems(): Promise<SourceError[]> {
    return reported(() => findProblems(this.#fileSystem, this.#directory.layout));
  }
}
