import { createInterface } from 'node:readline';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { isStatusError } from '../../api/meta/status-error.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';
import { webKey } from './store-objects.ts';

/**
 * Adds one to `spec.minReadySeconds` each time it is told the version that it must still have, and says
 * whether it could: `done` or `conflict`.
 */
const [directory = ''] = process.argv.slice(2);
const store = new DirectoryStore({ clock: new FakeClock(), logger: silentLogger }, { directory });
const key = webKey('web');
await store.patch(key, { spec: {} }); // Loads what a first write loads, so that the others are even.
console.log('ready');
for await (const resourceVersion of createInterface({ input: process.stdin })) {
  const count = (await store.get(key))?.spec.minReadySeconds ?? 0;
  try {
    await store.patch(key, { spec: { minReadySeconds: count + 1 } }, { resourceVersion });
    console.log('done');
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error;
    console.log('conflict');
  }
}
