import { formatKey, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { anew } from '../anew.ts';
import { outcomeOf } from '../follow/outcome.ts';

/** Resolves when each of these Deployments is done, has ended, or is gone; or when the signal ends. */
export async function untilSettled(
  store: Store,
  keys: readonly ObjectKey<'Deployment'>[],
  signal: AbortSignal,
): Promise<void> {
  const open = new Set(keys.map(formatKey));
  await anew(async () => {
    const present = new Set<string>();
    for await (const event of store.watch('Deployment', { owner: '', signal })) {
      if (event.type === 'BOOKMARK') {
        for (const key of open) if (!present.has(key)) open.delete(key);
      } else {
        const key = formatKey(keyOf(event.object));
        present.add(key);
        if (event.type === 'DELETED' || outcomeOf(event.object).state !== 'underway') open.delete(key);
      }
      if (open.size === 0) return;
    }
  });
}
