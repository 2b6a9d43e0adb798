import type { Desired } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import { isAlive, isAvailable, type Roles } from './roles.ts';

/**
 * Outdated containers that may go now, the least useful first. What stays of them and what the new template has
 * available are together never less than `replicas - maxUnavailable`, whatever one thinks of their health: one
 * that fails a probe today may recover, one that was removed does not.
 */
export function replaceable(desired: Desired, { slots, outdated }: Roles, now: number): ObservedContainer[] {
  const available = (container: ObservedContainer | undefined) => isAvailable(desired, container, now);
  const staying = outdated.filter(({ terminating }) => !terminating);
  const updated = slots.filter(({ current }) => available(current)).length;
  const least = Math.max(0, desired.replicas - desired.maxUnavailable);
  const spare = Math.max(0, staying.length + updated - least);
  const followed = new Set(slots.filter(({ current }) => available(current)).map(({ ordinal }) => ordinal));
  const order = byUsefulness(desired, available, followed);
  return staying.toSorted(order).slice(0, spare);
}

/** The same while the new image is not here yet: only what exceeds `replicas` goes, so that the old keep serving. */
export function superfluous(desired: Desired, roles: Roles, now: number): ObservedContainer[] {
  const staying = roles.outdated.filter(({ terminating }) => !terminating).length;
  const updated = roles.slots.filter(({ current }) => current && isAlive(current)).length;
  return replaceable(desired, roles, now).slice(0, Math.max(0, staying + updated - desired.replicas));
}

/**
 * New containers that must give way after replicas or maxSurge were lowered in the middle of an update: not
 * available, so nobody misses them, the highest ordinals first.
 */
export function excess(
  desired: Desired,
  { slots, outdated }: Roles,
  leaving: readonly ObservedContainer[],
  now: number,
): ObservedContainer[] {
  const alive = slots.flatMap(({ current }) =>
    current && isAlive(current) && !current.terminating ? [current] : [],
  );
  const staying = outdated.filter((container) => !container.terminating && !leaving.includes(container));
  const over = alive.length + staying.length - (desired.replicas + desired.maxSurge);
  const expendable = alive.filter((container) => !isAvailable(desired, container, now)).reverse();
  return expendable.slice(0, Math.max(0, over));
}

/** Those that do not serve first; then beyond the wanted ordinals, the highest of them; then those whose successor serves; then the lowest. */
function byUsefulness(
  desired: Desired,
  available: (container: ObservedContainer) => boolean,
  followed: ReadonlySet<number>,
): (a: ObservedContainer, b: ObservedContainer) => number {
  const rank = (container: ObservedContainer) =>
    container.ordinal >= desired.replicas ? 0 : followed.has(container.ordinal) ? 1 : 2;
  return (a, b) =>
    Number(available(a)) - Number(available(b)) ||
    rank(a) - rank(b) ||
    (rank(a) === 0 ? b.ordinal - a.ordinal : a.ordinal - b.ordinal) ||
    a.attempt - b.attempt;
}
