import fc from 'fast-check';
import type { Kind } from '../../api/kinds.ts';
import { MAX_EVENTS_PER_SECOND, MAX_SHOWN } from '../../api/protocol/limits.ts';
import { sizeOf } from '../../api/protocol/shown.ts';
import type { Event, TrustedPeer } from '../../api/v1alpha1/types.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { ALICE, trustedPeer } from '../../test/support/objects.ts';
import { collectGarbage } from '../../test/support/rpc-heap.ts';
import { happening } from '../../test/support/store-objects.ts';
import type { Store, WatchEvent, WatchOptions } from '../ports/store.ts';
import { Cache } from './cache.ts';
import { Holding } from './holding.ts';
import { Informer } from './informer.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

let shown = 0;

/** An Event that nobody has seen before. */
function another(name = `event-${shown}`): Event {
  shown += 1;
  const { metadata, ...rest } = happening(name, shown);
  const times = { creationTimestamp: '2030-01-01T00:00:00Z', generation: 1 };
  return { ...rest, metadata: { ...metadata, ...times, uid: `uid-${shown}`, resourceVersion: `${shown}` } };
}

/** A peer that lists these and tells of events without end. */
function follow(next: () => WatchEvent<'Event'>, listed: readonly Event[] = []) {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const stop = new AbortController();
  const errors: Error[] = [];
  const store = {
    list: async () => ({ items: listed, resourceVersion: '0' }),
    watch: async function* (_: Kind, { signal }: WatchOptions) {
      while (!signal.aborted) yield next();
    },
  } as unknown as Pick<Store, 'list' | 'watch'>;
  const onError = (error: unknown) => errors.push(error as Error);
  const init = { kind: 'Event', peer: 'mallory', onError, random: () => 1 } as const;
  const informer = new Informer({ store, clock, logger }, init);
  const running = informer.start(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.settle();
    await running;
    expect(clock.pending).toBe(0);
  };
  return { clock, logger, informer, errors, end };
}

describe('an Informer on a peer', () => {
  it('that tells of ever more objects: holds as many as it may, says so, and asks again only later', async () => {
    const { clock, logger, informer, errors, end } = follow(() => ({ type: 'ADDED', object: another() }));
    await clock.advance(9_000);
    expect(informer.list()).toHaveLength(9 * MAX_EVENTS_PER_SECOND + MAX_EVENTS_PER_SECOND);
    await clock.advance(1_000);
    expect(informer.list()).toHaveLength(MAX_SHOWN.Event.objects);
    const message = 'peer mallory shows more than 2000 events, which is more than is taken from a peer';
    expect(errors.map((error) => error.message)).toEqual([message]);
    expect(logger.at('warn')).toMatchObject([{ fields: { error: { message } } }]);
    await clock.advance(29_999);
    expect(informer.list()).toHaveLength(MAX_SHOWN.Event.objects);
    await clock.advance(1);
    expect(informer.list()).toHaveLength(MAX_EVENTS_PER_SECOND);
    await end();
  });

  it('that lets one object grow without end: refuses it at its size', async () => {
    let length = 1;
    const { clock, informer, errors, end } = follow(() => {
      const object = another('grows');
      length *= 2;
      const annotations = { a: 'x'.repeat(length) };
      const metadata = { ...object.metadata, uid: 'one', annotations };
      return { type: 'MODIFIED', object: { ...object, metadata } };
    });
    await clock.settle();
    expect(errors[0]?.message).toContain('more than 12 MiB of events');
    expect(sizeOf(informer.list())).toBeLessThan(MAX_SHOWN.Event.bytes);
    await end();
  });

  it('that lists too much: keeps what it had', async () => {
    const listed: Event[] = [another()];
    const { clock, informer, errors, end } = follow(() => {
      for (let count = 0; count < MAX_SHOWN.Event.objects; count++) listed.push(another());
      throw new Error('the stream broke');
    }, listed);
    await clock.advance(300_000);
    expect(errors.at(-1)?.message).toContain('more than 2000 events');
    expect(informer.list()).toEqual(listed.slice(0, 1));
    await end();
  });

  it(
    `that makes and removes objects without end: memory stays flat over ${SCALE} times 20,000 of them`,
    async () => {
      let last: Event | undefined;
      const { clock, informer, errors, end } = follow(() => {
        const object = last ?? another();
        const type = last ? 'DELETED' : 'ADDED';
        last = last ? undefined : object;
        return { type, object };
      });
      await clock.advance(10_000);
      const before = await collectGarbage();
      await clock.advance((SCALE * 40_000 * 1_000) / MAX_EVENTS_PER_SECOND);
      expect((await collectGarbage()) - before).toBeLessThan(4_000_000);
      expect(informer.list().length).toBeLessThan(2);
      expect(errors).toEqual([]);
      await end();
    },
    30_000 * SCALE,
  );
});

describe('a Cache of what a peer shows', () => {
  const LIMIT = MAX_SHOWN.TrustedPeer;
  const object = fc
    .record({
      name: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 40 })),
      uid: fc.constantFrom('one', 'one', 'two'),
      version: fc.constantFrom('1', '2'),
      length: fc.constantFrom(0, 1_000, 200_000, 600_000),
    })
    .map(({ name, uid, version, length }): TrustedPeer => {
      const annotations = { a: 'x'.repeat(length) };
      return trustedPeer(`peer-${name}`, ALICE, {}, { uid, resourceVersion: version, annotations });
    });
  const step = fc.oneof(
    object.map((shows) => (cache: Cache<'TrustedPeer'>) => cache.put(shows)),
    object.map((shows) => (cache: Cache<'TrustedPeer'>) => cache.remove(shows)),
    fc.tuple(fc.array(object, { maxLength: 20 }), fc.boolean()).map(
      ([shows, resync]) =>
        (cache: Cache<'TrustedPeer'>) =>
          cache.replace(shows, resync),
    ),
  );

  it('never holds more than it may, whatever versions, names and lists the peer makes up', () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const holding = new Holding({ peer: 'mallory', kind: 'TrustedPeer' });
        const cache = new Cache<'TrustedPeer'>({ logger: new FakeLogger(), holding });
        for (const take of steps) {
          const before = cache.list();
          try {
            take(cache);
          } catch (error) {
            refusals += 1;
            expect(error).toMatchObject({ details: { cause: 'LimitExceeded' } });
            expect(cache.list()).toEqual(before);
          }
          const held = cache.list();
          expect(held.length).toBeLessThanOrEqual(LIMIT.objects);
          expect(held.reduce((bytes, one) => bytes + sizeOf(one), 0)).toBeLessThanOrEqual(LIMIT.bytes);
        }
      }),
      { numRuns: 300 * SCALE },
    );
    expect(refusals).toBeGreaterThan(0);
  });

  it('takes as much again as has gone', () => {
    const holding = new Holding({ peer: 'mallory', kind: 'TrustedPeer' });
    const cache = new Cache<'TrustedPeer'>({ logger: new FakeLogger(), holding });
    const annotations = { a: 'x'.repeat(50_000) };
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: LIMIT.objects }, (_, index) =>
        trustedPeer(`peer-${round}-${index}`, ALICE, {}, { annotations }),
      );
      for (const one of all) cache.put(one);
      expect(() => cache.put(trustedPeer('one-more', ALICE))).toThrow('more than 16 trustedpeers');
      for (const one of all) cache.remove(one);
    }
    expect(cache.list()).toEqual([]);
  });
});
