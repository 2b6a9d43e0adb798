import { jest } from '@jest/globals';
import type { Metrics } from '../../../../controllers/ports/metrics.ts';
import { sharedEngine } from '../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../test/support/docker-sandbox.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { silentMetrics } from '../../../../test/support/silent.ts';
import { inParallel } from './engine/in-parallel.ts';

const CONTAINERS = 100;

/** Counts calls of the engine by operation. */
class OperationCounter implements Metrics {
  readonly counts = new Map<string, number>();
  readonly set = silentMetrics.set;
  readonly observe = silentMetrics.observe;

  increment(_: string, { operation = '' }: Record<string, string> = {}): void {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
  }

  /** Calls that `work` makes. */
  async during(work: () => Promise<unknown>): Promise<Record<string, number>> {
    this.counts.clear();
    await work();
    return Object.fromEntries(this.counts);
  }
}

describe(`the list of ${CONTAINERS} containers`, () => {
  jest.setTimeout(120_000);
  const metrics = new OperationCounter();
  let sandbox: DockerSandbox;
  let names: string[];
  const stop = new AbortController();
  const list = () => metrics.during(() => sandbox.runtime.list());

  beforeAll(async () => {
    sandbox = new DockerSandbox(await sharedEngine(), {}, { metrics });
    const request = await sandbox.request();
    // Not started: that would take a minute.
    const ordinals = Array.from({ length: CONTAINERS }, (_, ordinal) => ordinal);
    names = await inParallel(8, ordinals, (ordinal) => sandbox.create({ ...request, ordinal }));
  });
  afterAll(async () => {
    stop.abort();
    await sandbox.cleanUp();
  });

  test('inspects each of them as long as nobody listens to events', async () => {
    for (let pass = 0; pass < 2; pass++) expect(await list()).toEqual({ list: 1, inspect: CONTAINERS });
    expect((await sandbox.runtime.list()).map(({ name }) => name).sort()).toEqual(names.toSorted());
  });

  test('inspects only what an event named, or what looks different, while somebody does', async () => {
    let hints = 0;
    void (async () => {
      for await (const _ of sandbox.runtime.events(stop.signal)) hints++;
    })();
    // The first hint says that the stream is open.
    await eventually(() => hints > 0);
    expect(await list()).toEqual({ list: 1, inspect: CONTAINERS });
    expect(await list()).toEqual({ list: 1 });

    const [first = '', second = ''] = names;
    const before = hints;
    await sandbox.docker('update', '--cpus', '1', first);
    await eventually(() => hints > before);
    expect(await list()).toEqual({ list: 1, inspect: 1 });

    await sandbox.docker('rm', second);
    expect(await list()).toEqual({ list: 1 });
    expect(await sandbox.runtime.list()).toHaveLength(CONTAINERS - 1);
    expect((await sandbox.runtime.list()).filter(({ drifted }) => drifted).map(({ name }) => name)).toEqual([
      first,
    ]);
  });
});
