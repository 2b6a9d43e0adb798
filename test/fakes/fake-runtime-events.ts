import { ended } from '../../controllers/core/abort.ts';
import type { Clock } from '../../controllers/ports/clock.ts';
import type { RuntimeEvent } from '../../controllers/ports/runtime.ts';
import type { Delivery } from './fake-runtime-faults.ts';

/** Delivers events to whoever listens, as well or as badly as it is told to. */
export class FakeEvents {
  readonly #clock: Clock;
  readonly #delivery: (event: RuntimeEvent, index: number) => Delivery | undefined;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #sent = 0;

  constructor(
    { clock }: { clock: Clock },
    init: { delivery: (event: RuntimeEvent, index: number) => Delivery | undefined },
  ) {
    this.#clock = clock;
    this.#delivery = init.delivery;
  }

  emit(event: RuntimeEvent): void {
    const delivery = this.#delivery(event, this.#sent++) ?? {};
    if (delivery === 'Lost') return;
    const { times = 1, delayMs = 0 } = delivery;
    const deliver = () => {
      for (let i = 0; i < times; i++) for (const listener of this.#listeners) listener(event);
    };
    if (delayMs > 0) this.#clock.after(delayMs, deliver);
    else deliver();
  }

  async *listen(signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
    const queue: RuntimeEvent[] = [];
    let wake = Promise.withResolvers<void>();
    const listener = (event: RuntimeEvent) => {
      queue.push(event);
      wake.resolve();
    };
    this.#listeners.add(listener);
    const over = ended(signal);
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else await Promise.race([wake.promise, over]);
        if (queue.length === 0) wake = Promise.withResolvers();
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }
}
