import type { Kind } from '../../../api/kinds.ts';
import { deepEqual } from '../../../api/meta/merge-patch.ts';
import { keyOf } from '../../../api/meta/object.ts';
import { isStatusError } from '../../../api/meta/status-error.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { InvalidManifestError } from '../../../api/yaml.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import type { Context } from '../context.ts';
import { type FollowOptions, follow } from '../follow/follow.ts';
import { outcomeOf } from '../follow/outcome.ts';
import type { Printer } from '../printers/printer.ts';
import { printChanges } from './output.ts';
import { type Change, planChange } from './plan.ts';
import { warnOfUnknownPeers } from './unknown-peers.ts';

/** Somebody else would have to write between our reading and our writing this often. */
const ATTEMPTS = 5;

/** A change that was made. */
export interface Written extends Change {
  /** The object as it is now. */
  object: AnyObject;
}

/** Writes a change; one that somebody else's write came before is planned again on top of it. */
export async function writeChange(store: Store, planned: Change): Promise<Written> {
  let change = planned;
  for (let attempt = 1; ; attempt++) {
    try {
      return { ...change, object: await write(store, change) };
    } catch (error) {
      const terminating = change.live?.metadata.deletionTimestamp !== undefined;
      if (!isStatusError(error, 'Conflict') || terminating || attempt === ATTEMPTS) throw error;
    }
    const again = await planChange(store, change.desired);
    if ('errors' in again) throw new InvalidManifestError(again.errors);
    change = again;
  }
}

async function write(store: Store, { live, next, operation }: Change): Promise<AnyObject> {
  // One that is on its way out is nobody's wish, however alike: the Store refuses it.
  const isThere = live && !live.metadata.deletionTimestamp && operation === 'unchanged';
  if (isThere && deepEqual(live.metadata.lastApplied, next.metadata.lastApplied)) return live;
  const precondition = live ? { resourceVersion: live.metadata.resourceVersion } : {};
  return (await store.apply<Kind>(next, precondition)).object;
}

/** Writes changes in their order, and then deletes what is to be pruned. */
export async function writeAll(
  store: Store,
  changes: readonly Change[],
  prunable: readonly AnyObject[],
): Promise<Written[]> {
  const written: Written[] = [];
  for (const change of changes) written.push(await writeChange(store, change));
  for (const object of prunable) await store.delete<Kind>(keyOf(object));
  return written;
}

/** Writes everything, says so, and follows the Deployments to their end. */
export async function writeAndFollow(
  context: Context,
  changes: readonly Change[],
  prunable: readonly AnyObject[],
  printer: Printer | undefined,
  options: FollowOptions,
): Promise<number> {
  const store = await context.store();
  const written = await writeAll(store, changes, prunable);
  printChanges(context, written, prunable, printer);
  // Behind the write: whoever carries it out need not wait for this.
  await warnOfUnknownPeers(context, store, changes);
  const objects = [
    ...written.filter((change) => !isSettled(change)).map(({ object }) => object),
    ...prunable,
  ];
  const keys = objects.flatMap((object) => (object.kind === 'Deployment' ? [keyOf(object)] : []));
  return follow(context, keys, options);
}

/** An unchanged Deployment that is ready needs no peer to be asked. */
function isSettled({ object }: Written): boolean {
  return object.kind === 'Deployment' && outcomeOf(object).state === 'done';
}
