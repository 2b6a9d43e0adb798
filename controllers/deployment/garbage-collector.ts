import { sleep, unlessAborted } from '../core/abort.ts';
import type { Informer } from '../core/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime, RuntimeContainer } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import { formatOrigin, keyOfOrigin } from './container.ts';
import type { Snapshot } from './snapshot.ts';
import type { Terminator } from './terminator.ts';

export interface CollectorComponents {
  store: Pick<Store, 'get'>;
  deployments: Pick<Informer<'Deployment'>, 'get' | 'synced'>;
  runtime: Pick<Runtime, 'prune'>;
  snapshot: Pick<Snapshot, 'all'>;
  terminator: Pick<Terminator, 'end'>;
  clock: Clock;
  logger: Logger;
}

const DEFAULTS = {
  intervalMs: 60_000,
  /** The Deployment that would say is gone: Docker's own default. */
  gracePeriodSeconds: 10,
};

/**
 * Removes what no Deployment stands for: containers whose Deployment went while this agent did not run, and networks
 * nobody is in. What the cache does not have it looks up in the Store itself: a cache that has not caught up must not
 * cost anyone their containers.
 */
export class GarbageCollector {
  readonly #components: CollectorComponents;
  readonly #intervalMs: number;

  constructor(components: CollectorComponents, init: { intervalMs?: number } = {}) {
    this.#components = components;
    this.#intervalMs = init.intervalMs ?? DEFAULTS.intervalMs;
  }

  /** Collects now and at intervals until the signal ends. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, logger, deployments } = this.#components;
    await unlessAborted(deployments.synced, signal).catch(() => undefined); // It rejects only when the signal ends.
    while (!signal.aborted) {
      await this.collect().catch((error) => logger.warn('Garbage was not collected', { error }));
      await sleep(clock, this.#intervalMs, signal);
    }
  }

  /** @throws RuntimeError, StatusError: then nothing was removed that should not have been. */
  async collect(): Promise<void> {
    const { runtime, snapshot, terminator, logger } = this.#components;
    const byOrigin = Map.groupBy(await snapshot.all(), formatOrigin);
    for (const containers of byOrigin.values()) {
      if (!(await this.#isOrphaned(containers))) continue;
      for (const container of containers) {
        logger.info('Found a container without a Deployment', { container: container.name });
        terminator.end('Remove', container, DEFAULTS.gracePeriodSeconds);
      }
    }
    await runtime.prune();
  }

  async #isOrphaned([container]: readonly RuntimeContainer[]): Promise<boolean> {
    if (!container) return false;
    const { deployments, store } = this.#components;
    const key = keyOfOrigin(container);
    if (deployments.get(key)?.metadata.uid === container.uid) return false;
    const stored = await store.get(key);
    return stored?.metadata.uid !== container.uid;
  }
}
