import type { Clock } from '../ports/clock.ts';

/** Settles as `promise` does, or rejects with `overdue()` after `milliseconds`. What comes later is ignored. */
export function withTimeout<T>(
  clock: Clock,
  promise: Promise<T>,
  milliseconds: number,
  overdue: () => Error,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(milliseconds, () => reject(overdue()));
  return Promise.race([promise, late]).finally(cancel);
}
