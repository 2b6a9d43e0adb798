import type { Connection } from '@libp2p/interface';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../../controllers/ports/logger.ts';
import type { Connections } from '../connections.ts';
import type { Dialer } from '../dialer.ts';
import type { Gater } from '../gater.ts';
import type { Limits } from '../limits.ts';
import { wait } from '../wait.ts';
import { circuitAddress } from './circuit-address.ts';
import type { Circuits } from './circuits.ts';

interface Components {
  gater: Gater;
  dialer: Dialer;
  circuits: Circuits;
  connections: Connections;
  clock: Clock;
  logger: Logger;
}

interface Init {
  /** Ours. */
  peerID: string;
  limits: Limits;
  /** Ends them all. */
  signal: AbortSignal;
}

/** Keeps a reservation on each of our gateways, so that peers reach us there wherever we are. */
export class Reservations {
  readonly #components: Components;
  readonly #init: Init;
  /** By gateway. */
  readonly #kept = new Map<string, AbortController>();
  /** Connections to gateways that expect peers for us, by gateway. */
  readonly #held = new Map<string, Connection>();

  constructor(components: Components, init: Init) {
    this.#components = components;
    this.#init = init;
    init.signal.addEventListener('abort', () => this.#end(() => true), { once: true });
  }

  /** Where we are reached at the moment. */
  addresses(): string[] {
    return [...this.#held.values()].map(
      ({ remoteAddr }) => `${circuitAddress(remoteAddr, this.#init.peerID)}`,
    );
  }

  /** To be called when the list of gateways may have changed. */
  update(): void {
    const { gater } = this.#components;
    this.#end((peerID) => !gater.isGateway(peerID));
    if (this.#init.signal.aborted) return;
    for (const peerID of gater.gateways()) if (!this.#kept.has(peerID)) this.#begin(peerID);
  }

  #begin(peerID: string): void {
    const controller = new AbortController();
    this.#kept.set(peerID, controller);
    void this.#keep(peerID, controller.signal);
  }

  #end(condition: (peerID: string) => boolean): void {
    for (const [peerID, controller] of this.#kept) {
      if (!condition(peerID)) continue;
      controller.abort();
      this.#kept.delete(peerID);
    }
  }

  async #keep(peerID: string, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#components;
    const { limits } = this.#init;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#hold(peerID, signal, () => {
          failures = 0;
        });
      } catch (error) {
        failures += 1;
        const fields = { gateway: peerID, error: (error as Error).message };
        logger[failures === 1 ? 'warn' : 'debug']('Could not be reached through a gateway', fields);
      }
      const ceiling = Math.min(limits.maxRetryMs, limits.retryMs * 2 ** failures);
      await wait(clock, ceiling * (0.5 + Math.random() / 2), signal);
    }
  }

  /** Returns when the connection to the gateway has closed. */
  async #hold(peerID: string, signal: AbortSignal, onHeld: () => void): Promise<void> {
    const { connections, dialer, circuits, clock, logger } = this.#components;
    const connection = connections.newest(peerID) ?? (await dialer.dial(peerID));
    const closed = new AbortController();
    connection.addEventListener('close', () => closed.abort(), { once: true });
    const over = AbortSignal.any([signal, closed.signal]);
    try {
      while (!over.aborted && connection.status === 'open') {
        const deadline = AbortSignal.timeout(this.#init.limits.negotiationTimeoutMs);
        const expiresAt = await circuits.reserve(connection, AbortSignal.any([over, deadline]));
        if (this.#held.get(peerID) !== connection)
          logger.info('Can be reached through a gateway', {
            address: `${circuitAddress(connection.remoteAddr, this.#init.peerID)}`,
          });
        this.#held.set(peerID, connection);
        onHeld();
        // A gateway that promises nothing must not make us ask without end.
        const renewal = Math.max((expiresAt - clock.now()) / 2, this.#init.limits.maxRetryMs);
        await wait(clock, renewal, over);
      }
    } finally {
      if (this.#held.get(peerID) === connection) this.#held.delete(peerID);
    }
  }
}
