import type { Clock } from '../../../controllers/ports/clock.ts';

/** Settles as `promise` does, or rejects with `late()` when that takes longer than `milliseconds`. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  promise: Promise<T>,
  late: () => Error,
): Promise<T> {
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(milliseconds, () => reject(late()));
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    cancel();
  }
}
