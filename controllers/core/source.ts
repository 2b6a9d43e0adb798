import type { Kind } from '../../api/kinds.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { ended, sleep } from './abort.ts';
import type { Informer } from './informer.ts';
import { backoffMs } from './rate-limiter.ts';

/** Says: look at this key again. */
export type Enqueue<K extends Kind> = (key: ObjectKey<K>) => void;

/** Where the keys of a controller come from. A key that is lost costs a resync period, never correctness. */
export interface Source<K extends Kind> {
  /** Enqueues until the signal ends, then resolves. */
  start(enqueue: Enqueue<K>, signal: AbortSignal): Promise<void>;
}

/**
 * Every change of an informer's objects, and every object it has at the start. `keys` tells which keys
 * an object is about: its own, or those of the objects that depend on it. An update is about those
 * of both the object as it was and as it is.
 */
export function informerSource<K extends Kind, Of extends Kind>(
  informer: Informer<Of>,
  keys: (object: ObjectOf<Of>) => Iterable<ObjectKey<K>>,
): Source<K> {
  return {
    start(enqueue, signal) {
      const look = (object: ObjectOf<Of>) => {
        for (const key of keys(object)) enqueue(key);
      };
      const remove = informer.addHandler({
        onAdd: look,
        onUpdate(before, after) {
          look(before);
          look(after);
        },
        onDelete: look,
      });
      return ended(signal).finally(remove);
    },
  };
}

/** The usual case of {@link informerSource}: an object is about itself. */
export function objectSource<K extends Kind>(informer: Informer<K>): Source<K> {
  return informerSource(informer, (object) => [keyOf(object) as ObjectKey<K>]);
}

/** All of `keys`, every `milliseconds`, for what changes without telling anyone. The first time after one interval. */
export function intervalSource<K extends Kind>(
  { clock }: { clock: Clock },
  { milliseconds, keys }: { milliseconds: number; keys: () => Iterable<ObjectKey<K>> },
): Source<K> {
  return {
    async start(enqueue, signal) {
      for (;;) {
        await sleep(clock, milliseconds, signal);
        if (signal.aborted) return;
        for (const key of keys()) enqueue(key);
      }
    },
  };
}

/** In milliseconds. */
const HINT_BACKOFF = { baseMs: 1_000, capMs: 30_000 };

export interface HintInit<K extends Kind, Hint> {
  hints(signal: AbortSignal): AsyncIterable<Hint>;
  /** What a hint is about. Without a hint: whatever may have been missed. */
  keys(hint: Hint | undefined): Iterable<ObjectKey<K>>;
}

/** What a stream of hints is about, such as a runtime's events. One that breaks or ends is opened again. */
export function hintSource<K extends Kind, Hint>(
  { clock, logger }: { clock: Clock; logger: Logger },
  { hints, keys }: HintInit<K, Hint>,
): Source<K> {
  return {
    async start(enqueue, signal) {
      let failures = 0;
      const look = (hint: Hint | undefined) => {
        for (const key of keys(hint)) enqueue(key);
      };
      const follow = async () => {
        for await (const hint of hints(signal)) {
          failures = 0;
          look(hint);
        }
      };
      while (!signal.aborted) {
        await follow().catch((error) => {
          if (!signal.aborted) logger[failures === 0 ? 'warn' : 'debug']('Stream of hints broke', { error });
        });
        failures += 1;
        await sleep(clock, backoffMs(HINT_BACKOFF, failures), signal);
        if (!signal.aborted) look(undefined);
      }
    },
  };
}

/** Keys from code that has seen something by itself, such as a probe whose result has flipped. Without a controller it does nothing. */
export class Trigger<K extends Kind> implements Source<K> {
  readonly #listeners = new Set<Enqueue<K>>();

  enqueue(key: ObjectKey<K>): void {
    for (const listener of this.#listeners) listener(key);
  }

  start(enqueue: Enqueue<K>, signal: AbortSignal): Promise<void> {
    this.#listeners.add(enqueue);
    return ended(signal).finally(() => this.#listeners.delete(enqueue));
  }
}
