import type { Clock } from '../../../../controllers/ports/clock.ts';

/** Resolves after some milliseconds, or when the signal ends: look at the signal to know which. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(milliseconds, resolve);
  const onAbort = () => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) resolve();
  return promise.finally(() => {
    cancel();
    signal.removeEventListener('abort', onAbort);
  });
}
