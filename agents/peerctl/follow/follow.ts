import { formatKey, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { anew } from '../anew.ts';
import type { Context } from '../context.ts';
import { ExitCode, INTERRUPTED } from '../errors.ts';
import type { Session } from '../session.ts';
import { isDelivered, outcomeOf } from './outcome.ts';
import { Progress } from './progress.ts';
import { reportOutcomes } from './report.ts';

type Key = ObjectKey<'Deployment'>;

export interface FollowOptions {
  /** Until it is ready, or stopped, or gone; otherwise only until every peer has taken the spec. */
  wait: boolean;
  /** Milliseconds. */
  timeout: number;
}

/**
 * Delivers Deployments that were just written or deleted, shows what becomes of them, and answers the
 * exit code: that of the first which is not what was asked for.
 */
export async function follow(
  context: Context,
  keys: readonly Key[],
  options: FollowOptions,
): Promise<number> {
  if (keys.length === 0) return ExitCode.Done;
  const timedOut = new AbortController();
  const cancel = context.clock.after(options.timeout, () => timedOut.abort());
  try {
    const found = await deliver(context, keys, options, timedOut.signal);
    if (!context.signal.aborted) return reportOutcomes(context, found, options, timedOut.signal.aborted);
    context.err.line('interrupted; what was written stays, and any later apply, sync or get -w delivers it');
    return INTERRUPTED;
  } finally {
    cancel();
  }
}

/** The Deployments as they are once all of them have settled, or the time is over. */
async function deliver(
  context: Context,
  keys: readonly Key[],
  options: FollowOptions,
  timedOut: AbortSignal,
): Promise<(Deployment | undefined)[]> {
  const [store, session] = await Promise.all([context.store(), context.session()]);
  const finished = new AbortController();
  const signal = AbortSignal.any([context.signal, timedOut, finished.signal]);
  const progress = await openProgress(context, session);
  const settled = [watchUntilDone(store, keys, options, progress, signal), session.deliver(keys, signal)];
  try {
    await Promise.race(settled);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    finished.abort();
    await Promise.allSettled(settled);
    progress.end();
  }
  const found = await Promise.all(keys.map((key) => store.get(key)));
  for (const deployment of found) if (deployment) progress.show(deployment);
  progress.end();
  return found;
}

/** Who signed is told on a terminal only: nobody else need wait for the identity. */
async function openProgress({ err, clock }: Context, session: Session): Promise<Progress> {
  const signer = err.isTerminal ? await session.peerID() : '';
  return new Progress({ out: err, clock }, { signer });
}

/** Ends when each is what was asked for, or has failed for good while we looked on. */
async function watchUntilDone(
  store: Store,
  keys: readonly Key[],
  { wait }: FollowOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set(keys.map(formatKey));
  const first = new Map<string, string>();
  await anew(async () => {
    const present = new Set<string>();
    for await (const event of store.watch('Deployment', { signal })) {
      if (event.type === 'BOOKMARK') {
        // What the list did not show is gone already.
        for (const key of open) if (!present.has(key)) open.delete(key);
      } else {
        const { object } = event;
        const key = formatKey(keyOf(object));
        present.add(key);
        if (!open.has(key)) continue;
        const { resourceVersion } = object.metadata;
        if (!first.has(key)) first.set(key, resourceVersion);
        // An old failure may be mended by what is just being delivered; a new one is this spec's own.
        const isNew = first.get(key) !== resourceVersion;
        if (isNew) progress.show(object);
        if (event.type === 'DELETED' || isSettled(object, wait, isNew)) open.delete(key);
      }
      if (open.size === 0) return;
    }
  });
}

function isSettled(deployment: Deployment, wait: boolean, isNew: boolean): boolean {
  const { state, exitCode } = outcomeOf(deployment);
  if (state === 'done' || (!wait && isDelivered(deployment))) return true;
  // Refused and unreachable are for the session to say: it may still be trying.
  return state === 'ended' && isNew && (exitCode === ExitCode.Failed || exitCode === ExitCode.NotReadyInTime);
}
