import { randomBytes, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { container } from '../../api/v1alpha1/container.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import {
  type LogLine,
  type LogOptions,
  type RunRequest,
  type Runtime,
  type RuntimeContainer,
  RuntimeError,
  type RuntimeEvent,
} from '../../controllers/ports/runtime.ts';
import { eventually, until } from '../support/eventually.ts';

/** What the process of a container does. Each runtime has its own spec for it. */
export type Behaviour =
  /** Runs until it is told to stop, and then ends at once. */
  | 'sleeps'
  /** Runs until it is killed. */
  | 'ignoresTerm'
  | 'exitsWith3'
  /** Writes `one` to stdout, `oops` to stderr, `two` and `three` to stdout, in this order, and then sleeps. */
  | 'writes'
  /** The same, but exits 0 after it. */
  | 'writesAndExits'
  /** Listens on port 80: HTTP 200 for /, 404 for everything else. */
  | 'serves'
  | 'outgrowsMemory'
  /** There is nothing to execute. */
  | 'cannotStart';

export interface RuntimeFixture {
  runtime: Runtime;
  /** Another agent on the same machine. */
  neighbour: Runtime;
  /** Reference of an image that is there. */
  image: string;
  /** Reference of an image that is nowhere. */
  absentImage: string;
  /** Members of a container spec; `image` is added. */
  specs: Record<Behaviour, object>;
  /** What a person does behind our back. */
  byHand: Record<'kill' | 'remove' | 'pause', (name: string) => Promise<unknown>>;
  cleanUp(): Promise<void>;
}

/** A container on a busy machine may need a while; a test that fails should not need much longer. */
const PATIENCE = { timeoutMs: 20_000, intervalMs: 20 };

/** What every {@link Runtime} must do. */
export function describeRuntime(name: string, setup: () => Promise<RuntimeFixture>): void {
  describe(`${name} runtime`, () => {
    jest.setTimeout(60_000);
    let fixture: RuntimeFixture;
    let runtime: Runtime;
    let stop: AbortController;

    beforeAll(async () => {
      fixture = await setup();
      runtime = fixture.runtime;
    });
    beforeEach(() => {
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      const left = await runtime.list();
      await Promise.all(left.map(({ name }) => runtime.remove(name, 0)));
      await runtime.prune();
    });
    afterAll(() => fixture.cleanUp());

    async function request(behaviour: Behaviour, overrides: Partial<RunRequest> = {}): Promise<RunRequest> {
      const spec = { name: 'main', image: fixture.image, ...fixture.specs[behaviour] };
      const imageID = (await runtime.image(fixture.image))?.id ?? '';
      return { ...identity(), container: container.parse(spec), imageID, ...overrides };
    }

    /** Runs it and answers its name. */
    async function start(behaviour: Behaviour, overrides: Partial<RunRequest> = {}): Promise<string> {
      const wanted = await request(behaviour, overrides);
      await runtime.run(wanted, stop.signal);
      return (await only(wanted)).name;
    }

    async function only(wanted: RunRequest): Promise<RuntimeContainer> {
      const found = (await runtime.list()).filter(
        ({ uid, ordinal, attempt, owner, namespace }) =>
          uid === wanted.uid &&
          ordinal === wanted.ordinal &&
          attempt === wanted.attempt &&
          owner === wanted.owner &&
          namespace === wanted.namespace,
      );
      expect(found).toHaveLength(1);
      return found[0] as RuntimeContainer;
    }

    function named(name: string): Promise<RuntimeContainer | undefined> {
      return runtime.list().then((all) => all.find((item) => item.name === name));
    }

    function exited(name: string): Promise<RuntimeContainer> {
      return until(async () => {
        const found = await named(name);
        return found?.state === 'Exited' ? found : undefined;
      }, PATIENCE);
    }

    test('tells what the machine offers', async () => {
      const info = await runtime.info();
      expect(info).toEqual({
        platform: expect.stringMatching(/^linux\/\w+$/),
        version: expect.stringMatching(/./),
        cpus: expect.any(Number),
        memoryBytes: expect.any(Number),
      });
      expect(Math.min(info.cpus, info.memoryBytes)).toBeGreaterThan(0);
    });

    describe('images', () => {
      test('finds one that is there and no other', async () => {
        expect(await runtime.image(fixture.image)).toEqual(
          expect.objectContaining({ id: expect.stringMatching(/^sha256:/), sizeBytes: expect.any(Number) }),
        );
        expect(await runtime.image(fixture.absentImage)).toBeUndefined();
      });

      test('says by name why a pull failed', async () => {
        const pull = runtime.pull(fixture.absentImage, { signal: stop.signal });
        await expectReason(pull, Reason.ImagePullFailed, fixture.absentImage);
      });

      test('ends a pull whose signal aborted', async () => {
        stop.abort(new Error('enough'));
        await expect(runtime.pull(fixture.absentImage, { signal: stop.signal })).rejects.toThrow('enough');
      });
    });

    describe('run', () => {
      test('starts a container that is listed as what was asked for', async () => {
        const {
          container: spec,
          imageID,
          terminationGracePeriodSeconds,
          ...wanted
        } = await request('serves');
        const before = Date.now();
        await runtime.run(
          { container: spec, imageID, terminationGracePeriodSeconds, ...wanted },
          stop.signal,
        );
        const [running, ...others] = await runtime.list();
        expect(others).toEqual([]);
        expect(running).toMatchObject({ ...wanted, state: 'Running', oomKilled: false, drifted: false });
        expect(running?.error).toBeUndefined();
        expect(running?.exitCode).toBeUndefined();
        expect(running?.image).toBe(imageID);
        // The engine's clock is this machine's; its times may be cut to milliseconds.
        expect(running?.createdAt).toBeGreaterThanOrEqual(before - 1);
        expect(running?.startedAt).toBeGreaterThanOrEqual(running?.createdAt ?? Number.NaN);
      });

      test('publishes ports where the kernel chose and reads them back', async () => {
        const running = await named(await start('serves'));
        expect(running?.ports).toEqual([
          { containerPort: 80, protocol: 'TCP', hostPort: expect.any(Number) },
        ]);
        expect(running?.ports[0]?.hostPort).toBeGreaterThan(0);
      });

      test('is idempotent', async () => {
        const wanted = await request('sleeps');
        await runtime.run(wanted, stop.signal);
        const first = await only(wanted);
        await Promise.all([runtime.run(wanted, stop.signal), runtime.run(wanted, stop.signal)]);
        expect(await runtime.list()).toEqual([first]);
      });

      test('starts nothing again that has ended', async () => {
        const wanted = await request('exitsWith3');
        await runtime.run(wanted, stop.signal);
        const ended = await exited((await only(wanted)).name);
        await runtime.run(wanted, stop.signal);
        expect(await runtime.list()).toEqual([ended]);
      });

      test('keeps apart what differs in one part of its identity', async () => {
        const wanted = await request('sleeps');
        const variants: Partial<RunRequest>[] = [
          {},
          { ordinal: 1 },
          { attempt: 1 },
          { templateHash: randomBytes(32).toString('hex') },
          { uid: randomUUID() },
          { namespace: 'other' },
          { owner: OWNER },
        ];
        await Promise.all(variants.map((variant) => runtime.run({ ...wanted, ...variant }, stop.signal)));
        const names = (await runtime.list()).map(({ name }) => name);
        expect(new Set(names).size).toBe(variants.length);
      });

      test('refuses an image that is not there', async () => {
        const wanted = await request('sleeps', { imageID: `sha256:${'0'.repeat(64)}` });
        await expectReason(runtime.run(wanted, stop.signal), Reason.CreateFailed, fixture.image);
        expect(await runtime.list()).toEqual([]);
      });

      test('does nothing when its signal has aborted', async () => {
        const wanted = await request('sleeps');
        stop.abort(new Error('enough'));
        await expect(runtime.run(wanted, stop.signal)).rejects.toThrow('enough');
        expect(await runtime.list()).toEqual([]);
      });
    });

    describe('a process that ends', () => {
      test('leaves its exit code and times', async () => {
        const ended = await exited(await start('exitsWith3'));
        expect(ended).toMatchObject({ exitCode: 3, oomKilled: false, drifted: false });
        expect(ended.error).toBeUndefined();
        expect(ended.finishedAt).toBeGreaterThanOrEqual(ended.startedAt ?? Number.NaN);
      });

      test('is told apart when memory ended it', async () => {
        const ended = await exited(await start('outgrowsMemory'));
        expect(ended).toMatchObject({ oomKilled: true, exitCode: 137 });
      });

      test('that never began is Exited and says why', async () => {
        const wanted = await request('cannotStart');
        // Whether the runtime notices at once is its own affair.
        await runtime.run(wanted, stop.signal).catch((error: unknown) => {
          expect(error).toMatchObject({ reason: Reason.StartFailed });
        });
        const ended = await exited((await only(wanted)).name);
        expect(ended.error).toMatch(/./);
        expect(ended.exitCode).not.toBe(0);
        expect(ended.finishedAt).toBeGreaterThan(0);
      });
    });

    describe('stop', () => {
      test('ends the process and keeps the container', async () => {
        const name = await start('sleeps');
        await runtime.stop(name, 10);
        expect(await named(name)).toMatchObject({ state: 'Exited', drifted: false });
      });

      test('kills what has not ended after the grace period', async () => {
        const name = await start('ignoresTerm');
        await runtime.stop(name, 1);
        expect(await named(name)).toMatchObject({ state: 'Exited', exitCode: 137, oomKilled: false });
      });

      test('succeeds where nothing runs', async () => {
        const name = await start('sleeps');
        await runtime.stop(name, 0);
        await runtime.stop(name, 0);
        await runtime.stop('nobody-0', 0);
      });
    });

    describe('remove', () => {
      test('takes away what runs and what has ended', async () => {
        const names = [await start('sleeps'), await start('exitsWith3')];
        await exited(names[1] ?? '');
        for (const name of names) await runtime.remove(name, 0);
        expect(await runtime.list()).toEqual([]);
      });

      test('succeeds where nothing is', async () => {
        await runtime.remove('nobody-0', 0);
      });
    });

    test('sees and touches nothing of a neighbour', async () => {
      const name = await start('sleeps');
      expect(await fixture.neighbour.list()).toEqual([]);
      await fixture.neighbour.stop(name, 0);
      await fixture.neighbour.remove(name, 0);
      await fixture.neighbour.prune();
      await expectReason(collect(fixture.neighbour.logs(name, { signal: stop.signal })), 'NotFound', name);
      const probe = fixture.neighbour.probe(name, { exec: { command: ['true'] } }, 1_000);
      expect(await probe).toMatchObject({ success: false });
      expect(await named(name)).toMatchObject({ state: 'Running' });
    });

    describe('changes by hand', () => {
      test('of a running container are drift', async () => {
        const name = await start('sleeps');
        await fixture.byHand.pause(name);
        await eventually(async () => (await named(name))?.drifted, PATIENCE);
        expect(await named(name)).toMatchObject({ state: 'Running' });
        await runtime.remove(name, 0);
        expect(await runtime.list()).toEqual([]);
      });

      test('show in the next list', async () => {
        const [killed, removed] = [await start('sleeps'), await start('sleeps')];
        await fixture.byHand.kill(killed);
        await fixture.byHand.remove(removed);
        expect(await exited(killed)).toMatchObject({ exitCode: 137 });
        expect(await named(removed)).toBeUndefined();
      });
    });

    describe('logs', () => {
      const streams = ['stdout', 'stderr', 'stdout', 'stdout'];

      function read(name: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
        return collect(runtime.logs(name, { signal: stop.signal, ...options }));
      }

      /** All four lines, sorted: two pipes have no order between them. */
      function written(name: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
        return until(async () => {
          const lines = await read(name, options);
          return lines.length >= streams.length ? lines : undefined;
        }, PATIENCE);
      }

      test('are what the process wrote, each line with its stream and time', async () => {
        const lines = await written(await start('writes'));
        expect(lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual([
          'one',
          'two',
          'three',
        ]);
        expect(lines.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['oops']);
        for (const { timestamp } of lines)
          expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      });

      test('can begin at the last lines, or at a time', async () => {
        const name = await start('writesAndExits');
        const lines = await written(name);
        expect(await read(name, { tail: 2 })).toEqual(lines.slice(-2));
        expect(await read(name, { tail: 0 })).toEqual([]);
        const last = lines.at(-1)?.timestamp ?? '';
        const since = await read(name, { sinceNanoseconds: nanoseconds(last) });
        expect(since.at(-1)).toEqual(lines.at(-1));
        expect(since.every(({ timestamp }) => timestamp >= last)).toBe(true);
      });

      test('are followed until the process ends', async () => {
        const lines = await read(await start('writesAndExits'), { follow: true });
        expect(lines).toHaveLength(streams.length);
      });

      test('are followed until the signal aborts', async () => {
        const seen: LogLine[] = [];
        for await (const line of runtime.logs(await start('writes'), { follow: true, signal: stop.signal })) {
          seen.push(line);
          if (seen.length === streams.length) stop.abort();
        }
        expect(seen).toHaveLength(streams.length);
      });

      test('outlive the process', async () => {
        const name = await start('writes');
        await written(name);
        await runtime.stop(name, 0);
        expect(await read(name)).toHaveLength(streams.length);
      });

      test('of a container that is gone are an error', async () => {
        await expectReason(read('nobody-0'), 'NotFound', 'nobody-0');
      });
    });

    describe('probe', () => {
      test('asks over HTTP, by number or name of the port', async () => {
        const name = await start('serves');
        const get = (path: string, port: number | string = 80) =>
          runtime.probe(name, { httpGet: { path, port, scheme: 'HTTP' } }, 1_000);
        await eventually(async () => (await get('/')).success, PATIENCE);
        expect(await get('/', 'http')).toEqual({ success: true, message: 'HTTP 200' });
        expect(await get('/absent')).toEqual({ success: false, message: 'HTTP 404' });
        expect(await get('/', 81)).toMatchObject({ success: false });
      });

      test('connects', async () => {
        const name = await start('serves');
        const connect = (port: number) => runtime.probe(name, { tcpSocket: { port } }, 1_000);
        await eventually(async () => (await connect(80)).success, PATIENCE);
        expect(await connect(81)).toMatchObject({ success: false });
      });

      test('fails where nothing runs', async () => {
        const name = await start('exitsWith3');
        await exited(name);
        for (const probed of [name, 'nobody-0'])
          expect(await runtime.probe(probed, { tcpSocket: { port: 80 } }, 1_000)).toMatchObject({
            success: false,
          });
      });
    });

    describe('events', () => {
      /** What came so far, while it is listened to. */
      function listen(): RuntimeEvent[] {
        const seen: RuntimeEvent[] = [];
        void (async () => {
          for await (const event of runtime.events(stop.signal)) seen.push(event);
        })();
        return seen;
      }

      test('hint at a container that began and at one that ended', async () => {
        const seen = listen();
        const wanted = await request('sleeps');
        const hint = () => seen.some(({ uid }) => uid === wanted.uid || uid === undefined);
        await runtime.run(wanted, stop.signal);
        await eventually(hint, PATIENCE);
        seen.length = 0;
        await fixture.byHand.kill((await only(wanted)).name);
        await eventually(hint, PATIENCE);
      });

      test('end with the signal', async () => {
        const ended = collect(runtime.events(stop.signal));
        stop.abort();
        await ended;
      });
    });

    test('prune spares what is in use', async () => {
      const name = await start('serves');
      await runtime.prune();
      const probe = () => runtime.probe(name, { tcpSocket: { port: 80 } }, 1_000);
      await eventually(async () => (await probe()).success, PATIENCE);
    });
  });
}

const OWNER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';

function identity(): Omit<RunRequest, 'container' | 'imageID'> {
  return {
    owner: '',
    uid: randomUUID(),
    namespace: 'default',
    deployment: 'web',
    ordinal: 0,
    templateHash: randomBytes(32).toString('hex'),
    attempt: 0,
    backoffLevel: 2,
    terminationGracePeriodSeconds: 5,
  };
}

async function expectReason(work: Promise<unknown>, reason: string, mentioned: string): Promise<void> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error).toMatchObject({ reason, message: expect.stringContaining(mentioned) });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** `2026-01-01T00:00:00.123456789Z` since the epoch. */
function nanoseconds(timestamp: string): string {
  const [seconds = '', decimals = ''] = timestamp.replace(/Z$/, '').split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}${decimals}`;
}
