import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { Kind } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { BOB, deployment, trustedPeer } from '../../test/support/objects.ts';
import { Informer } from './informer.ts';
import { hintSource, informerSource, intervalSource, objectSource, type Source, Trigger } from './source.ts';

function setup() {
  const clock = new FakeClock();
  return { clock, logger: new FakeLogger(), store: new MemoryStore({ clock }) };
}

/** Starts a source and notes the names of the keys it enqueues. */
function run<K extends Kind>(source: Source<K>) {
  const names: string[] = [];
  const stop = new AbortController();
  const running = source.start(({ name }) => names.push(name), stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { names, end };
}

function named(name: string): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', namespace: 'default', name };
}

describe('objectSource', () => {
  it('enqueues what is there, what changes and what goes', async () => {
    const { clock, store, ...others } = setup();
    const stop = new AbortController();
    await store.apply(deployment('web'));
    const informer = new Informer({ store, clock, ...others }, { kind: 'Deployment' });
    void informer.start(stop.signal);
    await clock.settle();
    const { names, end } = run(objectSource(informer));
    await store.apply(deployment('db'));
    await store.delete(named('web'));
    await clock.settle();
    expect(names).toEqual(['web', 'db', 'web']);

    await end();
    await store.delete(named('db'));
    await clock.settle();
    expect(names).toHaveLength(3);
    stop.abort();
  });
});

describe('informerSource', () => {
  it('enqueues what an object was about as well as what it is about', async () => {
    const { clock, store, ...others } = setup();
    const stop = new AbortController();
    const informer = new Informer({ store, clock, ...others }, { kind: 'TrustedPeer' });
    void informer.start(stop.signal);
    const { names, end } = run(
      informerSource(informer, ({ metadata: { labels = {} } }) => [named(labels.runs ?? 'nothing')]),
    );
    await store.apply(trustedPeer('bob', BOB, {}, { uid: undefined, labels: { runs: 'web' } }));
    await clock.settle();
    await store.apply(trustedPeer('bob', BOB, {}, { uid: undefined, labels: { runs: 'db' } }));
    await clock.settle();
    expect(names).toEqual(['web', 'web', 'db']);
    await end();
    stop.abort();
  });
});

describe('intervalSource', () => {
  it('enqueues its keys again and again until the signal ends', async () => {
    const { clock } = setup();
    const keys = () => [named('web'), named('db')];
    const { names, end } = run(intervalSource({ clock }, { milliseconds: 1_000, keys }));
    await clock.advance(2_999);
    expect(names).toEqual(['web', 'db', 'web', 'db']);
    await end();
    expect(clock.pending).toBe(0);
  });
});

describe('hintSource', () => {
  it('enqueues what each hint is about; a stream that breaks is opened again and everything looked at', async () => {
    const { clock, logger } = setup();
    let streams = 0;
    const { names, end } = run(
      hintSource(
        { clock, logger },
        {
          async *hints(signal) {
            streams += 1;
            yield `web-${streams}`;
            if (streams < 3) throw new Error('the engine restarts');
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          },
          keys: (hint: string | undefined) => [named(hint ?? 'everything')],
        },
      ),
    );
    await clock.advance(999);
    expect(names).toEqual(['web-1']);
    await clock.advance(1);
    expect(names).toEqual(['web-1', 'everything', 'web-2']);
    await clock.advance(1_000);
    expect(names).toEqual(['web-1', 'everything', 'web-2', 'everything', 'web-3']);
    expect(logger.at('warn')).toHaveLength(2);
    await end();
    expect(clock.pending).toBe(0);
  });

  it('asks ever more rarely a stream that breaks every time', async () => {
    const { clock, logger } = setup();
    const { names, end } = run(
      hintSource(
        { clock, logger },
        {
          hints: () => {
            throw new Error('no engine');
          },
          keys: () => [named('everything')],
        },
      ),
    );
    await clock.advance(120_000);
    // After 1, 3, 7, 15, 31, 61 and 91 s.
    expect(names).toHaveLength(7);
    expect(logger.at('warn')).toHaveLength(1);
    await end();
  });
});

describe('Trigger', () => {
  it('enqueues in whatever controller listens', async () => {
    const trigger = new Trigger<'Deployment'>();
    trigger.enqueue(named('nobody'));
    const { names, end } = run(trigger);
    trigger.enqueue(named('web'));
    await end();
    trigger.enqueue(named('nobody'));
    expect(names).toEqual(['web']);
  });
});
