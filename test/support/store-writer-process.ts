import { writeSync } from 'node:fs';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';
import { writeNth } from './store-history.ts';

/** Writes a history from one write to another, or for ever, and says on stdout what has been acknowledged. */
const [directory = '', from = '0', to = 'Infinity'] = process.argv.slice(2);
const store = new DirectoryStore({ clock: new FakeClock(), logger: silentLogger }, { directory });
for (let n = Number(from); n < Number(to); n++) {
  await writeNth(store, n);
  writeSync(1, `${n}\n`);
}
