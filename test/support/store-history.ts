import type { Store } from '../../controllers/ports/store.ts';
import { web, webKey } from './store-objects.ts';
import { pseudoRandom } from './store-simulated.ts';

const NAMES = ['a', 'b', 'c', 'd'];

/**
 * The n-th write of an endless history: the same for every Store, whatever was read or written before.
 * Each moves something, unless the object it is about does not exist.
 */
export async function writeNth(store: Store, n: number): Promise<void> {
  const random = pseudoRandom(n * 7919);
  random(2); // The first number of neighbouring seeds is much alike.
  const name = NAMES[random(NAMES.length)] ?? 'a';
  const kind = random(10);
  const object = await store.get(webKey(name));
  if (!object)
    await store.apply(web(name, { replicas: n % 1000 }, { uid: uidOf(n), finalizers: ['test/wait'] }));
  else if (object.metadata.deletionTimestamp)
    await store.patch(webKey(name), { metadata: { finalizers: null } });
  else if (kind < 4)
    await store.apply(
      web(name, { replicas: n % 1000 }, { signature: `signature ${n}`, labels: { n: `${n}` } }),
    );
  else if (kind < 8) await store.patchStatus(webKey(name), { replicas: n });
  else if (kind < 9) await store.patch(webKey(name), { metadata: { annotations: { n: `${n}` } } });
  else await store.delete(webKey(name));
}

function uidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
