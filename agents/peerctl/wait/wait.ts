import type { Kind } from '../../../api/kinds.ts';
import { keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { reference } from '../apply/output.ts';
import type { Context } from '../context.ts';
import { CommandError, ExitCode, INTERRUPTED } from '../errors.ts';
import { outcomeOf } from '../follow/outcome.ts';
import { formatDuration } from '../printers/age.ts';
import type { Query } from '../queries.ts';
import { find, type Scope } from '../resources.ts';
import type { Goal } from './goal.ts';

/** Waits until the goal holds of everything asked for. Answers the exit code. */
export async function waitFor(
  context: Context,
  queries: readonly Query[],
  scope: Scope,
  goal: Goal,
  timeout: number,
): Promise<number> {
  const store = await context.store();
  const objects = await select(store, queries, scope, goal);
  const timedOut = new AbortController();
  const ended = new AbortController();
  const cancel = context.clock.after(timeout, () => timedOut.abort());
  const signal = AbortSignal.any([context.signal, timedOut.signal, ended.signal]);
  const open = objects.filter((object) => !goal.holds(object));
  const delivering = deliver(context, store, open, goal, signal);
  try {
    await Promise.race([
      Promise.all(objects.map((object) => watchOne(context, store, object, goal, signal))),
      delivering.then(() => new Promise<never>(() => {})),
    ]);
  } finally {
    cancel();
    ended.abort();
    await Promise.allSettled([delivering]);
  }
  if (context.signal.aborted) return INTERRUPTED;
  if (!timedOut.signal.aborted) return ExitCode.Done;
  return reportLate(context, store, open, goal, timeout);
}

async function select(
  store: Store,
  queries: readonly Query[],
  scope: Scope,
  goal: Goal,
): Promise<AnyObject[]> {
  const found = await Promise.all(queries.map((query) => find(store, query, scope)));
  const [missing] = found.flatMap((result) => result.missing);
  if (missing && !goal.holds(undefined)) throw missing;
  const objects = found.flatMap<AnyObject>((result) => result.objects);
  if (objects.length === 0 && !goal.holds(undefined))
    throw new CommandError('no resources found to wait for');
  return objects;
}

/** Without another process that syncs, nobody would bring the peers' statuses: this command does. */
async function deliver(
  context: Context,
  store: Store,
  objects: readonly AnyObject[],
  goal: Goal,
  signal: AbortSignal,
): Promise<void> {
  const keys = objects.flatMap<ObjectKey<'Deployment'>>((object) =>
    object.kind === 'Deployment' && object.metadata.owner === undefined ? [keyOf(object)] : [],
  );
  if (keys.length === 0) return;
  await (await context.session()).deliver(keys, signal);
  if (signal.aborted) return;
  for (const key of keys) failFast(await store.get(key), goal);
}

async function watchOne(
  context: Context,
  store: Store,
  object: AnyObject,
  goal: Goal,
  signal: AbortSignal,
): Promise<void> {
  const { uid, resourceVersion, namespace } = object.metadata;
  const options = { signal, ...(namespace === undefined ? {} : { namespace }) };
  let present = false;
  for await (const event of store.watch<Kind>(object.kind, options)) {
    const isOurs = event.type !== 'BOOKMARK' && event.object.metadata.uid === uid;
    if (!isOurs && (event.type !== 'BOOKMARK' || present)) continue;
    const now = isOurs && event.type !== 'DELETED' ? event.object : undefined;
    present = now !== undefined;
    if (goal.holds(now)) return context.out.line(`${reference(object)} condition met`);
    if (!now) throw new CommandError(`${reference(object)} was deleted`);
    if (now.metadata.resourceVersion !== resourceVersion)
      failFast(now, goal, ExitCode.Failed, ExitCode.NotReadyInTime);
  }
}

/** Ends the waiting for what has failed for good, with one of these exit codes where they are given. */
function failFast(object: AnyObject | undefined, goal: Goal, ...codes: number[]): void {
  if (object?.kind !== 'Deployment' || !goal.needsSuccess || goal.holds(object)) return;
  const { state, exitCode, message } = outcomeOf(object);
  if (state === 'ended' && (codes.length === 0 || codes.includes(exitCode)))
    throw new CommandError(`${reference(object)}: ${message}`, exitCode);
}

async function reportLate(
  context: Context,
  store: Store,
  objects: readonly AnyObject[],
  goal: Goal,
  timeout: number,
): Promise<number> {
  for (const object of objects) {
    if (goal.holds(await store.get<Kind>(keyOf(object)))) continue;
    context.fail(`${reference(object)}: ${goal.text} did not come true within ${formatDuration(timeout)}`);
  }
  return ExitCode.NotReadyInTime;
}
