import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { writeNth } from '../../../test/support/store-history.ts';
import { startStoreProcess } from '../../../test/support/store-process.ts';
import { contents } from '../../../test/support/store-scenario.ts';
import { DirectoryStore } from './directory-store.ts';
import { MemoryStore } from './memory-store.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const KILLS = 20 * SCALE;

/** Starts a writer, kills it some time after its first write, and answers the last write it acknowledged. */
async function killWriter(directory: string, from: number): Promise<number> {
  const writer = startStoreProcess('writer', directory, String(from));
  let last = from - 1;
  for await (const line of writer.lines) {
    if (last < from) setTimeout(writer.kill, Math.random() * 60);
    last = Number(line);
  }
  expect(await writer.ended).toBe('SIGKILL');
  return last;
}

describe('a DirectoryStore whose writer is killed', () => {
  it(
    `S1 loses nothing that was acknowledged, and opens again, after each of ${KILLS} kills`,
    async () => {
      const { directory, dispose } = await temporaryDirectory();
      const model = new MemoryStore({ clock: new FakeClock() });
      let next = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const from = next;
        const last = await killWriter(directory, from);
        for (; next <= last; next++) await writeNth(model, next);
        const logger = new FakeLogger();
        const found = await contents(new DirectoryStore({ clock: new FakeClock(), logger }, { directory }));
        const acknowledged = await contents(model);
        if (found !== acknowledged) await writeNth(model, next++); // The one under way may have been done.
        expect({ kill, next, found }).toEqual({ kill, next, found: await contents(model) });
        expect(logger.at('error')).toEqual([]);
      }
      expect(next).toBeGreaterThan(KILLS);
      await dispose();
    },
    30_000 + 3_000 * KILLS,
  );
});
