import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { deployment } from '../../test/support/objects.ts';
import type { Store, WatchEvent, WatchOptions } from '../ports/store.ts';
import { Informer, type InformerInit } from './informer.ts';

type ReadStore = Pick<Store, 'list' | 'watch'>;

const RESYNC_MS = 600_000;

/** A store to write to, and an informer that reads it through `disturb`. */
function setup(
  disturb: (store: MemoryStore, clock: FakeClock) => ReadStore = (store) => store,
  init: Partial<InformerInit<'Deployment'>> = {},
) {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const store = new MemoryStore({ clock });
  const stop = new AbortController();
  const informer = new Informer(
    { store: disturb(store, clock), clock, logger },
    { kind: 'Deployment', resyncMs: RESYNC_MS, random: () => 0.5, ...init },
  );
  const write = (name: string, replicas = 1) => store.apply(fresh(name, replicas));
  const remove = (name: string) => store.delete(keyFor(name));
  return { clock, logger, store, stop, informer, write, remove };
}

function fresh(name: string, replicas: number) {
  const { apiVersion, kind, metadata, spec } = deployment(name, { replicas });
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace }, spec };
}

function keyFor(name: string) {
  return { kind: 'Deployment', namespace: 'default', name } as const;
}

/** What a handler has been told, in its words. */
function listen(informer: Informer<'Deployment'>): string[] {
  const told: string[] = [];
  const show = ({ metadata: { name }, spec: { replicas } }: Deployment) => `${name}:${replicas}`;
  informer.addHandler({
    onAdd: (object) => told.push(`add ${show(object)}`),
    onUpdate: (before, after) => told.push(`update ${show(before)} ${show(after)}`),
    onDelete: (object) => told.push(`delete ${show(object)}`),
  });
  return told;
}

/** A store whose watches pass through `change`. */
function watching(
  store: MemoryStore,
  change: (
    events: AsyncIterable<WatchEvent<'Deployment'>>,
    options: WatchOptions,
  ) => AsyncIterable<WatchEvent<'Deployment'>>,
): ReadStore {
  return {
    list: (kind, options) => store.list(kind, options),
    watch: ((kind: 'Deployment', options: WatchOptions) =>
      change(store.watch(kind, options), options)) as Store['watch'],
  };
}

describe('Informer', () => {
  it('has everything once it has synced, and follows what changes', async () => {
    const { clock, informer, stop, write, remove } = setup();
    await write('web', 1);
    const told = listen(informer);
    const running = informer.start(stop.signal);
    expect(informer.hasSynced).toBe(false);
    await informer.synced;
    expect(informer.get(keyFor('web'))?.spec.replicas).toBe(1);
    await clock.settle();

    await write('web', 2);
    await write('db', 1);
    await remove('web');
    await clock.settle();
    expect(told).toEqual(['add web:1', 'update web:1 web:2', 'add db:1', 'delete web:2']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['db']);

    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('shows a handler that comes late what is there', async () => {
    const { clock, informer, stop, write } = setup();
    await write('web');
    void informer.start(stop.signal);
    await clock.settle();
    expect(listen(informer)).toEqual(['add web:1']);
    stop.abort();
  });

  it('tells an object from its successor of the same name', async () => {
    const { clock, informer, stop, store, write, remove } = setup((inner) =>
      watching(inner, async function* (events) {
        for await (const event of events) if (event.type !== 'DELETED') yield event;
      }),
    );
    await write('web', 1);
    const told = listen(informer);
    void informer.start(stop.signal);
    await clock.settle();
    await remove('web');
    await write('web', 2);
    await clock.settle();
    expect(told).toEqual(['add web:1', 'delete web:1', 'add web:2']);
    expect(informer.list()).toEqual((await store.list('Deployment')).items);
    stop.abort();
  });

  it('resumes a broken watch where it was, without a list and without a word', async () => {
    let watches = 0;
    let lists = 0;
    const errors: unknown[] = [];
    const { clock, informer, stop, write } = setup(
      (store) => ({
        list: (kind, options) => {
          lists += 1;
          return store.list(kind, options);
        },
        watch: watching(store, async function* (events) {
          watches += 1;
          for await (const event of events) {
            yield event;
            if (watches === 1) throw new StatusError('ServiceUnavailable', 'the peer went away');
          }
        }).watch,
      }),
      { onError: (error) => errors.push(error) },
    );
    const told = listen(informer);
    void informer.start(stop.signal);
    await clock.settle();
    await write('web', 1);
    await write('web', 2);
    await clock.advance(200);
    expect(told).toEqual(['add web:1', 'update web:1 web:2']);
    expect({ watches, lists, errors }).toEqual({ watches: 2, lists: 1, errors: [] });
    stop.abort();
  });

  it('lists anew when its version has expired, and tells the difference only', async () => {
    let expire = false;
    const { clock, informer, stop, write, remove } = setup((store) =>
      watching(store, async function* (events) {
        for await (const event of events) {
          if (expire) {
            expire = false;
            throw new StatusError('Expired', 'too old');
          }
          yield event;
        }
      }),
    );
    await write('web', 1);
    await write('db', 1);
    await write('cache', 1);
    const told = listen(informer);
    void informer.start(stop.signal);
    await clock.settle();
    told.length = 0;

    expire = true;
    await write('web', 2);
    await remove('db');
    await clock.advance(200);
    expect(told).toEqual(['delete db:1', 'update web:1 web:2']);
    stop.abort();
  });

  it('says that the Store does not answer, at ever longer intervals, and when it does again', async () => {
    let down = true;
    const seen: string[] = [];
    const { clock, logger, informer, stop } = setup(
      (store, time) => ({
        list: async (kind, options) => {
          if (!down) return store.list(kind, options);
          seen.push(`${time.now() - started}`);
          throw new StatusError('ServiceUnavailable', 'no answer', { cause: 'PeerUnreachable' });
        },
        watch: (kind, options) => store.watch(kind, options),
      }),
      { onContact: () => seen.push('contact'), onError: (error) => seen.push((error as Error).message) },
    );
    const started = clock.now();
    const running = informer.start(stop.signal);
    await clock.advance(1_000);
    // With the jitter held at its middle the delays are 150, 300, 600, ... ms.
    expect(seen).toEqual(['0', 'no answer', '150', 'no answer', '450', 'no answer']);
    down = false;
    await clock.advance(100_000);
    expect(seen.slice(6)).toEqual(['contact']);
    expect(informer.hasSynced).toBe(true);
    expect(logger.at('warn')).toEqual([]);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('shows every object again at a resync, also one that has not changed', async () => {
    const { clock, informer, stop, write } = setup();
    await write('web', 1);
    void informer.start(stop.signal);
    await clock.settle();
    const told = listen(informer);
    await clock.advance(RESYNC_MS);
    expect(told).toEqual(['add web:1', 'update web:1 web:1']);
    stop.abort();
  });

  it('survives a handler that throws, and so do the other handlers', async () => {
    const { clock, logger, informer, stop, write } = setup();
    informer.addHandler({
      onAdd() {
        throw new Error('a bug');
      },
    });
    const told = listen(informer);
    void informer.start(stop.signal);
    await write('web', 1);
    await clock.settle();
    await write('web', 2);
    await clock.settle();
    expect(told).toEqual(['add web:1', 'update web:1 web:2']);
    expect(logger.at('error')).toHaveLength(1);
    stop.abort();
  });

  it('ends although the Store never answers', async () => {
    const { clock, informer, stop } = setup((store) => ({
      list: () => new Promise(() => undefined),
      watch: (kind, options) => store.watch(kind, options),
    }));
    const running = informer.start(stop.signal);
    await clock.settle();
    stop.abort();
    await running;
    expect(informer.hasSynced).toBe(false);
  });
});
