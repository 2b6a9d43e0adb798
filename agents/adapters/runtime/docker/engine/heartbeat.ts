import type { Clock } from '../../../../../controllers/ports/clock.ts';

export interface HeartbeatComponents {
  clock: Clock;
  /** Rejects when the engine does not answer. */
  ping(): Promise<unknown>;
}

/** A wait under way. */
export interface Attendance extends Disposable {
  /** Aborts when the engine stopped answering, with the reason. */
  readonly signal: AbortSignal;
}

/**
 * Notices during calls that may rightly take long (a stop with a grace period, a pull, logs being followed)
 * that the engine is gone or hangs. One ping at a time serves all of them; with none under way there is none.
 */
export class Heartbeat {
  readonly #components: HeartbeatComponents;
  readonly #intervalMilliseconds: number;
  readonly #waiting = new Set<AbortController>();
  #beating = false;

  constructor(components: HeartbeatComponents, init: { intervalMilliseconds: number }) {
    this.#components = components;
    this.#intervalMilliseconds = init.intervalMilliseconds;
  }

  attend(): Attendance {
    const controller = new AbortController();
    this.#waiting.add(controller);
    if (!this.#beating) this.#schedule();
    return { signal: controller.signal, [Symbol.dispose]: () => void this.#waiting.delete(controller) };
  }

  #schedule(): void {
    this.#beating = this.#waiting.size > 0;
    if (this.#beating) this.#components.clock.after(this.#intervalMilliseconds, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    try {
      if (this.#waiting.size > 0) await this.#components.ping();
    } catch (error) {
      for (const controller of this.#waiting) controller.abort(error);
      this.#waiting.clear();
    }
    this.#schedule();
  }
}
