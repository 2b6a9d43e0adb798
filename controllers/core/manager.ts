import type { Kind } from '../../api/kinds.ts';
import type { Clock } from '../ports/clock.ts';
import { runTogether, sleep, unlessAborted } from './abort.ts';
import type { Controller } from './controller.ts';
import type { Informer } from './informer.ts';

/** Anything that runs until its signal ends. */
export interface Runnable {
  start(signal: AbortSignal): Promise<void>;
}

export interface ManagerInit {
  /** Controllers wait until these have synced. One on a peer's Store does not belong here: the peer may be away. */
  informers: readonly Pick<Informer<Kind>, 'start' | 'synced' | 'hasSynced'>[];
  controllers: readonly Pick<Controller<Kind>, 'start' | 'isIdle' | 'runs'>[];
  /** What else lives as long as the controllers; begins before them. */
  runnables?: readonly Runnable[];
}

export interface SettledOptions {
  /** Nothing may be due within this time. Default: 1 s. */
  horizonMs?: number;
  /** So long nothing must have happened: time for a write to come back as an event. Default: 20 ms. */
  quietMs?: number;
}

/** Starts the parts of a program in order and ends them together. */
export class Manager {
  readonly #clock: Clock;
  readonly #init: ManagerInit;

  constructor(components: { clock: Clock }, init: ManagerInit) {
    this.#clock = components.clock;
    this.#init = init;
  }

  /** Runs until the signal ends; resolves when everything has. A part that rejects ends the others. */
  async start(signal: AbortSignal): Promise<void> {
    const { informers, controllers, runnables = [] } = this.#init;
    await runTogether(signal, [
      ...[...runnables, ...informers].map((part) => (scope: AbortSignal) => part.start(scope)),
      ...controllers.map((controller) => (scope: AbortSignal) => this.#afterSync(controller, scope)),
    ]);
  }

  /**
   * Resolves when there is nothing left to do for now, or the signal ends: informers have synced, queues are
   * empty, nobody works and nothing is due soon.
   */
  async settled(
    signal: AbortSignal,
    { horizonMs = 1_000, quietMs = 20 }: SettledOptions = {},
  ): Promise<void> {
    let before = -1;
    while (!signal.aborted) {
      const runs = this.#runs();
      const idle = this.#isIdle(horizonMs);
      if (idle && runs === before) return;
      before = idle ? runs : -1;
      await sleep(this.#clock, quietMs, signal);
    }
  }

  async #afterSync(controller: Runnable, signal: AbortSignal): Promise<void> {
    const synced = Promise.all(this.#init.informers.map((informer) => informer.synced));
    await unlessAborted(synced, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (!signal.aborted) await controller.start(signal);
  }

  #isIdle(horizonMs: number): boolean {
    const { informers, controllers } = this.#init;
    return (
      informers.every((informer) => informer.hasSynced) &&
      controllers.every((controller) => controller.isIdle(horizonMs))
    );
  }

  #runs(): number {
    return this.#init.controllers.reduce((sum, controller) => sum + controller.runs, 0);
  }
}
