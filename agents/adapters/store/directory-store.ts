import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type Kind, KINDS } from '../../../api/kinds.ts';
import type { MergePatch } from '../../../api/meta/merge-patch.ts';
import { type ApiObject, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
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
