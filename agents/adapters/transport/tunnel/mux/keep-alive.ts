import type { Clock } from '../../../../../controllers/ports/clock.ts';

interface Components {
  clock: Clock;
  /** Asks the other side to say something. */
  ping: () => void;
  /** Nothing was heard for too long. */
  onSilence: () => void;
}

interface Init {
  keepAliveMs: number;
  deadAfterMs: number;
}

/** Notices that the other side is gone although nobody said so: packets dropped both ways, a machine asleep. */
export class KeepAlive {
  readonly #components: Components;
  readonly #init: Init;
  #heardAt: number;
  #pingedAt: number;
  #cancel: () => void = () => {};

  constructor(components: Components, init: Init) {
    this.#components = components;
    this.#init = init;
    this.#heardAt = components.clock.now();
    this.#pingedAt = this.#heardAt;
  }

  start(): void {
    this.#components.ping();
    this.#wait();
  }

  /** Any byte is a sign of life: behind a large transfer a pong may be late. */
  heard(): void {
    this.#heardAt = this.#components.clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #wait(): void {
    const { keepAliveMs, deadAfterMs } = this.#init;
    const due = Math.min(this.#pingedAt + keepAliveMs, this.#heardAt + deadAfterMs);
    const delay = Math.max(0, due - this.#components.clock.now());
    this.#cancel = this.#components.clock.after(delay, () => this.#look());
  }

  #look(): void {
    const { clock, ping, onSilence } = this.#components;
    const now = clock.now();
    if (now - this.#heardAt >= this.#init.deadAfterMs) {
      onSilence();
      return;
    }
    if (now - this.#pingedAt >= this.#init.keepAliveMs) {
      this.#pingedAt = now;
      ping();
    }
    this.#wait();
  }
}
