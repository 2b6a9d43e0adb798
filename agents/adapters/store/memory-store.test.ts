import { describeStore } from '../../../test/compliance/store.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { MemoryStore } from './memory-store.ts';

describeStore('MemoryStore', async () => ({ store: new MemoryStore({ clock: new FakeClock() }) }), {
  forgetful: true,
});
