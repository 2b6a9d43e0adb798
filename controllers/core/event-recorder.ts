import { createHash } from 'node:crypto';
import { API_VERSION } from '../../api/kinds.ts';
import { formatKey, keyOf, type ObjectKey, parseKey } from '../../api/meta/object.ts';
import type { EventSpec } from '../../api/v1alpha1/event.ts';
import type { AnyObject } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Applicable, Store } from '../ports/store.ts';
import { ended, runTogether, sleep, unlessAborted } from './abort.ts';
import { EventLedger } from './event-ledger.ts';
import { WorkQueue } from './workqueue.ts';

/** How a controller tells people what it did and why. */
export interface Recorder {
  /** Never waits and never fails. `note` is a sentence; it holds no secrets. */
  record(object: AnyObject, type: EventSpec['type'], reason: string, note: string): void;
}

export interface RecorderComponents {
  store: Store;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** A crash loop must not write a file with every turn: one event is written at most this often, in milliseconds. */
const WRITE_INTERVAL_MS = 10_000;

/** Nor must a hundred crash loops: 20 writes a second in all. Before each, so that what an event is about is told first. */
const WRITE_PAUSE_MS = 50;

/** Kubernetes' bound of a note, in characters. */
const MAX_NOTE = 1_024;

/**
 * Keeps the Event objects of a program. What there should be is in memory; a queue brings the Store
 * after it, best effort. One per program: two would not know of each other's bounds.
 */
export class EventRecorder {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #ledger = new EventLedger();
  readonly #writtenAt = new Map<string, number>();

  constructor(components: RecorderComponents) {
    this.#store = components.store;
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#queue = new WorkQueue(components, { name: 'events' });
  }

  /** The recorder of one controller, whose name its events carry. */
  for(controller: string): Recorder {
    return {
      record: (object, type, reason, note) => {
        const { uid, name, namespace } = object.metadata;
        const about = {
          regarding: { kind: object.kind, namespace, name, uid },
          type,
          reason,
          note: note.slice(0, MAX_NOTE),
        };
        this.#see(eventKey(object, about), { ...about, reportingController: controller });
      },
    };
  }

  /** Writes until the signal ends, then resolves. What was recorded before is written then. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#load(signal);
    await runTogether(signal, [
      (scope) => ended(scope).then(() => this.#queue.shutDown()),
      (scope) => this.#work(scope),
    ]);
  }

  #see(key: string, about: Omit<EventSpec, 'count' | 'firstTimestamp' | 'lastTimestamp'>): void {
    const now = this.#clock.now();
    const time = new Date(now).toISOString();
    const dropped = this.#ledger.add(key, { ...about, count: 1, firstTimestamp: time, lastTimestamp: time });
    for (const gone of dropped) this.#queue.add(gone);
    const writtenAt = this.#writtenAt.get(key);
    this.#queue.addAfter(key, writtenAt === undefined ? 0 : writtenAt + WRITE_INTERVAL_MS - now);
  }

  /** Goes on counting where the last run of the program ended. */
  async #load(signal: AbortSignal): Promise<void> {
    try {
      const { items } = await unlessAborted(this.#store.list('Event'), signal);
      const oldestFirst = items.toSorted((a, b) => (a.spec.lastTimestamp < b.spec.lastTimestamp ? -1 : 1));
      const stored = oldestFirst.map((event): [string, EventSpec] => [formatKey(keyOf(event)), event.spec]);
      for (const [key, { lastTimestamp }] of stored) this.#writtenAt.set(key, Date.parse(lastTimestamp));
      for (const gone of this.#ledger.restore(stored)) this.#queue.add(gone);
    } catch (error) {
      if (!signal.aborted) this.#logger.warn('Earlier events could not be read', { error });
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      if (this.#isDue(key)) {
        await sleep(this.#clock, WRITE_PAUSE_MS, signal);
        await this.#write(key);
      }
      this.#queue.done(key);
    }
  }

  /** What came and went unwritten costs nothing. */
  #isDue(key: string): boolean {
    return this.#ledger.get(key) !== undefined || this.#writtenAt.has(key);
  }

  async #write(key: string): Promise<void> {
    const spec = this.#ledger.get(key);
    const eventKey = parseKey<'Event'>(key);
    try {
      if (spec) this.#writtenAt.set(key, this.#clock.now());
      else this.#writtenAt.delete(key);
      await (spec ? this.#store.apply(toEvent(eventKey, spec)) : this.#store.delete(eventKey));
    } catch (error) {
      this.#logger.debug('Event could not be written', { error, reason: spec?.reason });
    }
  }
}

/** The same words about the same object are the same event, also after a restart. */
function eventKey(
  { metadata: { owner, namespace = 'default', name } }: AnyObject,
  { regarding, type, reason, note }: Pick<EventSpec, 'regarding' | 'type' | 'reason' | 'note'>,
): string {
  const words = JSON.stringify([regarding.kind, regarding.uid, type, reason, note]);
  const hash = createHash('sha256').update(words).digest('hex').slice(0, 16);
  return formatKey({ kind: 'Event', owner, namespace, name: `${name}.${hash}` });
}

function toEvent({ owner, namespace, name }: ObjectKey<'Event'>, spec: EventSpec): Applicable<'Event'> {
  return { apiVersion: API_VERSION, kind: 'Event', metadata: { owner, namespace, name }, spec };
}
