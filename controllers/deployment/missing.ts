import { restartOf } from './back-off.ts';
import type { Desired } from './desired.ts';
import type { Observed } from './observed.ts';
import { isAlive, type Roles, type Slot } from './roles.ts';

/** A run that is wanted and is not there. */
export interface Need {
  ordinal: number;
  attempt: number;
  backoffLevel: number;
  /** Not before, in milliseconds since the epoch. */
  at: number;
  /** It continues a container that exists; its place among the living is kept free. */
  continues: boolean;
  because: string;
}

/** What each replica that does not run needs, lowest ordinal first. */
export function needsOf({ runFailures }: Observed, { slots }: Roles, now: number): Need[] {
  const needs = slots.flatMap((slot) => needOf(slot, now));
  return needs.map((need) => {
    const failure = runFailures.get(need.ordinal);
    return failure ? { ...need, at: Math.max(need.at, failure.retryAt) } : need;
  });
}

/** Those that may run now without ever having more than `replicas + maxSurge` alive. */
export function runnable(
  desired: Desired,
  observed: Observed,
  roles: Roles,
  needs: readonly Need[],
  now: number,
): Need[] {
  const alive = observed.containers.filter(isAlive);
  if (desired.recreate && alive.some(({ templateHash }) => templateHash !== desired.templateHash)) return [];
  const room = Math.max(0, desired.replicas + desired.maxSurge - alive.length);
  const owed = roles.slots.filter(({ current }) => current && !isAlive(current)).length;
  const due = needs.filter(({ at }) => at <= now);
  const continued = due.filter(({ continues }) => continues).slice(0, room);
  const begun = due.filter(({ continues }) => !continues).slice(0, Math.max(0, room - owed));
  return [...continued, ...begun].sort((a, b) => a.ordinal - b.ordinal);
}

function needOf({ ordinal, current, nextAttempt }: Slot, now: number): Need[] {
  if (!current) {
    const because = nextAttempt === 0 ? 'it does not exist' : 'the one before was changed by hand';
    return [{ ordinal, attempt: nextAttempt, backoffLevel: 0, at: 0, continues: false, because }];
  }
  const { state, attempt, backoffLevel, terminating } = current;
  if (state === 'Running' || terminating) return [];
  if (state === 'Created')
    return [
      { ordinal, attempt, backoffLevel, at: 0, continues: true, because: 'it was created but never started' },
    ];
  const because = `attempt ${attempt} ended`;
  return [{ ordinal, attempt: nextAttempt, ...restartOf(current, now), continues: true, because }];
}
