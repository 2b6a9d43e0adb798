import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until it is given up. Default: 4 s, so that it speaks before Jest's own 5 s do. */
  timeoutMs?: number;
  /** Milliseconds between two looks. Default: 5. */
  intervalMs?: number;
}

/**
 * Waits until `assertion` neither throws nor answers false: `await eventually(() => expect(seen).toEqual([1]))`.
 * Fails with what it last complained of.
 */
export async function eventually(assertion: () => unknown, options: WaitOptions = {}): Promise<void> {
  const { timeoutMs = 4_000, intervalMs = 5 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const complaint = await complaintOf(assertion);
    if (complaint === undefined) return;
    if (performance.now() >= deadline)
      throw new Error(`not within ${timeoutMs} ms: ${complaint.message}`, { cause: complaint });
    await sleep(intervalMs);
  }
}

/** Waits until `look` answers something, and answers that: `const web = await until(() => store.get(key))`. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  options: WaitOptions = {},
): Promise<T> {
  let found: T | undefined;
  await eventually(async () => {
    found = await look();
    return found !== undefined;
  }, options);
  return found as T;
}

async function complaintOf(assertion: () => unknown): Promise<Error | undefined> {
  try {
    return (await assertion()) === false ? new Error(`${assertion} stayed false`) : undefined;
  } catch (error) {
    return error as Error;
  }
}
