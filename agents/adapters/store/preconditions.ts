import { type ApiObject, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { Preconditions } from '../../../controllers/ports/store.ts';
import { describeKey } from './keys.ts';

/** @throws StatusError Conflict whose cause names what did not hold: `uid` or `resourceVersion`. */
export function checkPreconditions(current: ApiObject, { uid, resourceVersion }: Preconditions): void {
  const { metadata } = current;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(keyOf(current), 'uid', `another object has its name now: uid ${metadata.uid}, not ${uid}`);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      keyOf(current),
      'resourceVersion',
      `it changed meanwhile: version ${metadata.resourceVersion}, not ${resourceVersion}; read it again`,
    );
}

export function conflict(key: ObjectKey, cause: string, message: string): StatusError {
  return new StatusError('Conflict', `${describeKey(key)}: ${message}`, { cause });
}

export function notFound(key: ObjectKey): StatusError {
  return new StatusError('NotFound', `${describeKey(key)} does not exist`);
}
