import type { Clock } from '../ports/clock.ts';
import { allDone } from './all-done.ts';

/** Calls back when the signal ends, at once if it has; the returned function unsubscribes. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}

/** Resolves when the signal ends. For signals that end soon: nothing unsubscribes it. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(signal, resolve);
  });
}

/** Resolves after `milliseconds`, or when the signal ends: look at the signal to know which. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(milliseconds, resolve);
  const forget = onAbort(signal, resolve);
  return promise.finally(() => {
    cancel();
    forget();
  });
}

/** Lets timers, sockets and signals have their turn: promises alone would go first for ever. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Settles as `promise` does, or rejects with the signal's reason when that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const forget = onAbort(signal, () => reject(signal.reason));
  return Promise.race([promise, aborted]).finally(forget);
}

/**
 * A signal that ends with `parent` or after `milliseconds`, whichever comes first. `release` must be
 * called once it is no longer needed: AbortSignal.any would stay tied to a parent that lives for months.
 */
export function deadline(
  clock: Clock,
  parent: AbortSignal,
  milliseconds: number,
  reason: () => Error,
): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const cancel = clock.after(milliseconds, () => controller.abort(reason()));
  const forget = onAbort(parent, () => controller.abort(parent.reason));
  const release = () => {
    cancel();
    forget();
  };
  return { signal: controller.signal, release };
}

/** Runs all of `parts` until the signal ends. When one rejects the others are ended, and it rejects with that. */
export async function runTogether(
  signal: AbortSignal,
  parts: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const scope = new AbortController();
  const forget = onAbort(signal, () => scope.abort(signal.reason));
  const guarded = parts.map(async (part) => {
    try {
      await part(scope.signal);
    } catch (error) {
      scope.abort(error);
      throw error;
    }
  });
  await allDone(guarded).finally(forget);
}
