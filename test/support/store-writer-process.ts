import { writeSync } from 'node:fs';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { isStatusError } from '../../api/meta/status-error.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';
import { writeNth } from './store-history.ts';

/** Writes a history from one write to another, or for ever, and says on stdout what has been acknowledged. */
const [directory = '', from = '0', to = 'Infinity'] = process.argv.slice(2);
const store = new DirectoryStore({ clock: new FakeClock(), logger: silentLogger }, { directory });
for (let n = Number(from); n < Number(to); n++) {
  await writeNth(store, n).catch(unlessOvertaken);
  writeSync(1, `${n}\n`);
}

/** Where several write, the object may no longer be what this one has read. */
function unlessOvertaken(error: unknown): void {
  if (
    !isStatusError(error, 'Conflict') &&
    !isStatusError(error, 'NotFound') &&
    !isStatusError(error, 'Invalid')
  )
    throw error;
}
