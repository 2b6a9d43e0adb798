import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey, ObjectMeta } from '../../api/meta/object.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { deployment } from './objects.ts';
import { failedStatus, readyStatus } from './peerctl-statuses.ts';

export interface PutOptions {
  spec?: MergePatch;
  metadata?: Partial<ObjectMeta>;
  /** What its peers say of it: nothing yet, that all is well, or that it crashes. Default: that all is well. */
  state?: 'new' | 'ready' | 'crashing';
}

/** Puts a Deployment into a store, with the status that its peers would give it. */
export async function putDeployment(
  store: Store,
  name: string,
  { spec = {}, metadata = {}, state = 'ready' }: PutOptions = {},
): Promise<ObjectKey<'Deployment'>> {
  const { object } = await store.apply(deployment(name, spec, { uid: uidOf(name), ...metadata }));
  const { namespace, owner } = object.metadata;
  const key = { kind: 'Deployment', name, namespace, owner } as const;
  if (state === 'ready') await store.patchStatus(key, readyStatus(object));
  if (state === 'crashing')
    await store.patchStatus(key, failedStatus(object, 'Available', 'CrashLoop', 'exited 1'));
  return key;
}

/** The same every time, so that ids can be written into a test. */
export function uidOf(name: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padStart(12, '0')}`;
}
