/** Waits until each has ended, however the others did. @throws what the first of those that failed rejected with */
export async function allDone(parts: readonly unknown[]): Promise<void> {
  for (const result of await Promise.allSettled(parts)) if (result.status === 'rejected') throw result.reason;
}
