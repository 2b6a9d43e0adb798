import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { RuntimeEvent } from '../../../../controllers/ports/runtime.ts';
import type { Containers } from './containers.ts';
import type { Engine } from './engine/engine.ts';
import { jsonLines } from './engine/json-lines.ts';
import { wait } from './engine/wait.ts';
import { Label } from './labels.ts';
import { Mailbox } from './mailbox.ts';

export interface EventsComponents {
  engine: Engine;
  clock: Clock;
  logger: Logger;
  containers: Containers;
}

export interface EventsInit {
  agentID: string;
  /** How often "look at everything" is said without a reason: what no event tells (a network taken away) is seen then. */
  relistMilliseconds: number;
}

interface EngineEvent {
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}

/** What changes a container; its probes alone would cause three others each. */
const ACTIONS = ['create', 'destroy', 'die', 'oom', 'pause', 'rename', 'start', 'unpause', 'update'];

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;

/** The engine's events about this agent's containers, for as long as someone listens, whatever becomes of the engine. */
export class Events {
  readonly #components: EventsComponents;
  readonly #init: EventsInit;

  constructor(components: EventsComponents, init: EventsInit) {
    this.#components = components;
    this.#init = init;
  }

  async *subscribe(signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
    const ended = new AbortController();
    const until = AbortSignal.any([signal, ended.signal]);
    const mailbox = new Mailbox();
    const writers = [this.#follow(mailbox, until), this.#tick(mailbox, until)];
    try {
      for await (const uid of mailbox.take(until)) yield uid === undefined ? {} : { uid };
    } finally {
      ended.abort();
      await Promise.all(writers);
    }
  }

  /** Never rejects: an engine that is away is tried again. */
  async #follow(mailbox: Mailbox, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const opened = () => {
        failures = 0;
        mailbox.put(undefined);
      };
      await this.#followOnce(mailbox, opened, signal).catch((error: unknown) => {
        if (!signal.aborted && failures === 0)
          this.#components.logger.warn('events of Docker were lost; trying again', { error: String(error) });
      });
      // Whoever waits for the engine should see at once that it is gone.
      mailbox.put(undefined);
      await wait(this.#components.clock, Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS), signal);
    }
  }

  async #followOnce(mailbox: Mailbox, opened: () => void, signal: AbortSignal): Promise<void> {
    const { engine, containers } = this.#components;
    const filters = {
      type: ['container' as const],
      event: ACTIONS,
      label: [`${Label.agent}=${this.#init.agentID}`],
    };
    using stack = new DisposableStack();
    const onOpen = () => {
      stack.use(containers.watch());
      opened();
    };
    const bytes = engine.stream((docker, abortSignal) => docker.getEvents({ filters, abortSignal }), {
      signal,
      onOpen,
    });
    for await (const { Actor } of jsonLines<EngineEvent>(bytes)) {
      if (Actor?.ID) containers.forget(Actor.ID);
      mailbox.put(Actor?.Attributes?.[Label.uid]);
    }
  }

  async #tick(mailbox: Mailbox, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await wait(this.#components.clock, this.#init.relistMilliseconds, signal);
      mailbox.put(undefined);
    }
  }
}
