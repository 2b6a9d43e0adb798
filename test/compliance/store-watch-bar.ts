import { setImmediate } from 'node:timers/promises';
import type { Event } from '../../api/v1alpha1/types.ts';
import type { Store, WatchEvent } from '../../controllers/ports/store.ts';
import { happening, happeningKey } from '../support/store-objects.ts';
import { startWatch } from '../support/store-watcher.ts';
import { itWith, type StoreSuite } from './store.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const EVENTS = 10_000 * SCALE;
const RECONNECTS = 20 * Math.max(1, Math.floor(SCALE / 2));
const NAMES = 50;

/** The part of a watch that bar S5 measures, at scale 1: 10,000 events and 20 reconnects. */
export function describeWatchBar(suite: StoreSuite): void {
  const test = itWith(suite, 'events');

  test(
    `S5 is ordered, unique, reliable and resumable over ${EVENTS} events and ${RECONNECTS} reconnects`,
    async () => {
      const reader = new Reader(suite.store());
      const { resourceVersion } = await suite.store().list('Event');
      const reading = reader.read(resourceVersion, EVENTS);
      await write(suite.store(), EVENTS);
      await reading;
      const { items } = await suite.store().list('Event');
      expect(reader.seen).toBe(EVENTS);
      expect(reader.reconnects).toBe(RECONNECTS);
      expect([...reader.objects.values()].sort(byName)).toEqual(items);
    },
    60_000 * SCALE,
  );

  itWith(suite, 'forgetful')(
    'S5 answers Expired to a reader that is too slow, and to a version that is too old',
    async () => {
      const { resourceVersion } = await suite.store().list('Event');
      const slow = suite.store().watch('Event', { resourceVersion, signal: AbortSignal.timeout(60_000) });
      const iterator = slow[Symbol.asyncIterator]();
      const first = iterator.next();
      await write(suite.store(), 11_000);
      expect(await first).toMatchObject({ value: { type: 'ADDED' } });
      await expect(drain(iterator)).rejects.toMatchObject({ reason: 'Expired' });
      await expect(startWatch(suite.store(), 'Event', { resourceVersion }).ended).rejects.toMatchObject({
        reason: 'Expired',
      });
    },
    60_000,
  );
}

/** Every write is one event: creates, changes, and now and then deletes, over a few names. */
async function write(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = `event-${index % NAMES}`;
    const deletes = index % 7 === 3 && index >= NAMES && (await store.get(happeningKey(name)));
    if (deletes) await store.delete(happeningKey(name));
    else await store.apply(happening(name, index));
    if (index % 100 === 0) await setImmediate();
  }
}

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while (!(await iterator.next()).done);
}

function byName(a: Event, b: Event): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Follows a watch, breaks it off again and again, and complains of anything out of order. */
class Reader {
  readonly #store: Store;
  readonly objects = new Map<string, Event>();
  seen = 0;
  reconnects = 0;
  #version = '';

  constructor(store: Store) {
    this.#store = store;
  }

  async read(resourceVersion: string, count: number): Promise<void> {
    this.#version = resourceVersion;
    for (; this.reconnects < RECONNECTS; this.reconnects++)
      await this.#watch(Math.ceil((count * (this.reconnects + 1)) / (RECONNECTS + 1)));
    await this.#watch(count);
  }

  async #watch(until: number): Promise<void> {
    const signal = AbortSignal.timeout(60_000 * SCALE);
    for await (const event of this.#store.watch('Event', { resourceVersion: this.#version, signal })) {
      this.#take(event);
      if (this.seen >= until) return;
    }
    throw new Error(`the watch ended after ${this.seen} events`);
  }

  #take(event: WatchEvent<'Event'>): void {
    if (event.type === 'BOOKMARK') return;
    const { name, resourceVersion } = event.object.metadata;
    if (Number(resourceVersion) <= Number(this.#version))
      throw new Error(`${resourceVersion} came out of order`);
    if (this.objects.has(name) !== (event.type !== 'ADDED'))
      throw new Error(`${event.type} ${name} out of place`);
    if (event.type === 'DELETED') this.objects.delete(name);
    else this.objects.set(name, event.object);
    this.#version = resourceVersion;
    this.seen += 1;
  }
}
