import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { collect, expectReason, PATIENCE, RuntimeContext, type RuntimeFixture } from './runtime-context.ts';
import { describeEnd } from './runtime-end.ts';
import { describeImages } from './runtime-images.ts';
import { describeLogs } from './runtime-logs.ts';
import { describeRun } from './runtime-run.ts';
import { describeWatch } from './runtime-watch.ts';

export type { Behaviour, RuntimeFixture } from './runtime-context.ts';

/** What every {@link Runtime} must do. */
export function describeRuntime(name: string, setup: () => Promise<RuntimeFixture>): void {
  describe(`${name} runtime`, () => {
    jest.setTimeout(60_000);
    const on = new RuntimeContext();

    beforeAll(async () => on.use(await setup()));
    afterEach(() => on.tidyUp());
    afterAll(() => on.fixture.cleanUp());

    test('tells what the machine offers', async () => {
      const info = await on.runtime.info();
      expect(info).toEqual({
        platform: expect.stringMatching(/^linux\/\w+$/),
        version: expect.stringMatching(/./),
        cpus: expect.any(Number),
        memoryBytes: expect.any(Number),
      });
      expect(Math.min(info.cpus, info.memoryBytes)).toBeGreaterThan(0);
    });

    describeImages(on);
    describeRun(on);
    describeEnd(on);
    describeLogs(on);
    describeWatch(on);

    test('sees and touches nothing of a neighbour', async () => {
      const name = await on.start('sleeps');
      expect(await on.fixture.neighbour.list()).toEqual([]);
      await on.fixture.neighbour.stop(name, 0);
      await on.fixture.neighbour.remove(name, 0);
      await on.fixture.neighbour.prune();
      await expectReason(collect(on.fixture.neighbour.logs(name, { signal: on.signal })), 'NotFound', name);
      const probe = on.fixture.neighbour.probe(name, { exec: { command: ['true'] } }, 1_000);
      expect(await probe).toMatchObject({ success: false });
      expect(await on.named(name)).toMatchObject({ state: 'Running' });
    });

    test('prune spares what is in use', async () => {
      const name = await on.start('serves');
      await on.runtime.prune();
      const probe = () => on.runtime.probe(name, { tcpSocket: { port: 80 } }, 1_000);
      await eventually(async () => (await probe()).success, PATIENCE);
    });
  });
}
