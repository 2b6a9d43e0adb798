import { proofMs } from './back-off.ts';
import type { Desired } from './desired.ts';
import type { ObservedContainer } from './observed.ts';

/** One wanted replica. */
export interface Slot {
  ordinal: number;
  /** The latest run of the current template, alive or dead. Absent before the first, and while it is being replaced. */
  current?: ObservedContainer;
  /** The dead run before it, kept so that its logs can be read. */
  previous?: ObservedContainer;
  nextAttempt: number;
}

/** What each container is for. Every container has exactly one place here. */
export interface Roles {
  /** Ordinals 0 .. replicas - 1. */
  slots: readonly Slot[];
  /** Alive and serving, but not what is wanted: another template, or changed by hand. Gives way with care. */
  outdated: readonly ObservedContainer[];
  /** Alive and what is wanted, but more than is wanted. Goes at once. */
  surplus: readonly ObservedContainer[];
  /** Not alive and of no use. */
  leftovers: readonly ObservedContainer[];
}

export function rolesOf(desired: Desired, containers: readonly ObservedContainer[]): Roles {
  const isWanted = ({ ordinal, templateHash }: ObservedContainer) =>
    templateHash === desired.templateHash && ordinal < desired.replicas;
  const runs = Map.groupBy(containers.filter(isWanted), ({ ordinal }) => ordinal);
  const slots = Array.from({ length: desired.replicas }, (_, ordinal) =>
    slotOf(ordinal, runs.get(ordinal) ?? []),
  );
  const kept = new Set(slots.flatMap(({ current, previous }) => [current, previous]));
  const others = containers.filter((container) => !kept.has(container));
  const alive = others.filter(isAlive);
  const isSurplus = (container: ObservedContainer) =>
    container.templateHash === desired.templateHash && !(isWanted(container) && container.drifted);
  return {
    slots,
    outdated: alive.filter((container) => !isSurplus(container)),
    surplus: alive.filter(isSurplus),
    leftovers: others.filter((container) => !isAlive(container)),
  };
}

export function isAlive({ state }: Pick<ObservedContainer, 'state'>): boolean {
  return state === 'Running';
}

/** When the container counts as available, in milliseconds since the epoch; never while it is not ready. */
export function availableAt(desired: Desired, container: ObservedContainer): number {
  const { ready, readySince, failed } = container.health;
  if (!isAlive(container) || container.terminating || !ready || failed) return Number.POSITIVE_INFINITY;
  const proof = Math.max(desired.minReadySeconds * 1000, proofMs(container));
  return (readySince ?? container.startedAt ?? container.createdAt) + proof;
}

export function isAvailable(
  desired: Desired,
  container: ObservedContainer | undefined,
  now: number,
): boolean {
  return container !== undefined && availableAt(desired, container) <= now;
}

function slotOf(ordinal: number, runs: ObservedContainer[]): Slot {
  const [latest, ...earlier] = runs.toSorted((a, b) => b.attempt - a.attempt);
  if (!latest) return { ordinal, nextAttempt: 0 };
  const current = runs.find((run) => isAlive(run) && !run.drifted) ?? (isSpoilt(latest) ? undefined : latest);
  const previous = current?.state === 'Exited' ? undefined : earlier.find(({ state }) => state === 'Exited');
  return { ordinal, current, previous, nextAttempt: latest.attempt + 1 };
}

/** What was changed by hand is replaced by a further attempt, and serves until that one does. */
function isSpoilt({ drifted, state }: ObservedContainer): boolean {
  return drifted && state !== 'Exited';
}
