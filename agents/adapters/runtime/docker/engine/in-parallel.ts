/** Does `work` on every item, `limit` at a time, and answers in their order. After a failure it begins no more. */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failed = new AbortController();
  // Shared by the workers: each takes the next item.
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) {
      if (failed.signal.aborted) return;
      results[index] = await work(item);
    }
  };
  const workers = Array.from({ length: limit }, () => worker().catch((error) => failed.abort(error)));
  await Promise.all(workers);
  failed.signal.throwIfAborted();
  return results;
}
