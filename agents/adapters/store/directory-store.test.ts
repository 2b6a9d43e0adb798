import { describeStore } from '../../../test/compliance/store.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { memoryDirectory } from '../../../test/support/store-directory.ts';
import { DirectoryStore } from './directory-store.ts';

describeStore('DirectoryStore', async () => {
  const { directory, dispose } = await memoryDirectory();
  const store = new DirectoryStore({ clock: new FakeClock(), logger: silentLogger }, { directory });
  return { store, dispose };
});
