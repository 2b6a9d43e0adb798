import { tunnelProtocol } from '../../../api/protocol/protocols.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { sleep } from '../../../controllers/core/abort.ts';
import { backoffMs, jitter } from '../../../controllers/core/rate-limiter.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { LogFields, Logger } from '../../../controllers/ports/logger.ts';
import type { Transport } from '../../../controllers/ports/transport.ts';
import type { Gateway, Tunnels } from '../../../controllers/ports/tunnels.ts';
import type { TunnelDialer } from '../../adapters/transport/tunnel/dialer.ts';
import type { TunnelEnd } from '../../adapters/transport/tunnel/tunnel.ts';

export interface GatewayTunnelsComponents {
  dialer: Pick<TunnelDialer, 'dial' | 'over'>;
  transport: Pick<Transport, 'open'>;
  /** Whom we trust, as known now: a gateway is dialled where its TrustedPeer says. */
  trustedPeers(): Iterable<TrustedPeer>;
  clock: Clock;
  logger: Logger;
}

/** One of the worker processes of a gateway, each of which is reached by a tunnel of its own. */
type Worker = Gateway & { slot: number };

/** A visitor waits no longer for a gateway that is back. */
const BACKOFF = { baseMs: 200, capMs: 30_000 };

/** How often a tunnel of its own is tried while a detour serves, in milliseconds. */
const RETRY_MS = 60_000;

/** A tunnel that lasted so long was a good one: what ended it was not the gateway's refusal. In milliseconds. */
const HEALTHY_MS = 5_000;

/** Keeps the tunnels up that this provider is reached by. */
export class GatewayTunnels implements Tunnels {
  readonly #components: GatewayTunnelsComponents;
  /** By gateway and where it is dialled. */
  readonly #kept = new Map<string, AbortController>();
  #signal: AbortSignal | undefined;

  constructor(components: GatewayTunnelsComponents) {
    this.#components = components;
  }

  /** Ends all tunnels with the signal. */
  start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => {
      this.keep([]);
      resolve();
    });
    return promise;
  }

  keep(gateways: readonly Gateway[]): void {
    const wanted = new Map(gateways.flatMap((gateway) => slots(gateway)));
    for (const [id, controller] of this.#kept) {
      if (wanted.has(id)) continue;
      controller.abort();
      this.#kept.delete(id);
    }
    for (const [id, gateway] of wanted) if (!this.#kept.has(id)) this.#begin(id, gateway);
  }

  #begin(id: string, gateway: Worker): void {
    if (!this.#signal || this.#signal.aborted) return;
    const controller = new AbortController();
    this.#kept.set(id, controller);
    void this.#keepUp(gateway, controller.signal);
  }

  async #keepUp(gateway: Worker, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#components;
    for (let failures = 0; !signal.aborted; ) {
      const { problem, lastedMs } = await this.#hold(gateway, signal);
      if (signal.aborted) return;
      failures = lastedMs > HEALTHY_MS ? 1 : failures + 1;
      logger[failures === 1 ? 'info' : 'debug']('Tunnel was lost', { ...named(gateway), problem });
      await sleep(clock, jitter(backoffMs(BACKOFF, failures), Math.random()), signal);
    }
  }

  /** Answers why it is over, and for how long there was one. */
  async #hold(gateway: Worker, signal: AbortSignal): Promise<{ problem: string; lastedMs: number }> {
    const { clock } = this.#components;
    const begun = clock.now();
    try {
      const tunnel = await this.#dial(gateway, signal).catch((error) => this.#detour(gateway, error, signal));
      const problem = (await tunnel.closed)?.message ?? 'it was closed';
      return { problem, lastedMs: clock.now() - begun };
    } catch (error) {
      return { problem: (error as Error).message, lastedMs: 0 };
    }
  }

  /** Where its TrustedPeer says that it is. @throws Error why it is at none of these places. */
  async #dial(gateway: Worker, signal: AbortSignal): Promise<TunnelEnd> {
    const { dialer, logger } = this.#components;
    const { peerID, port, slot } = gateway;
    let problem: unknown = new Error('its TrustedPeer has no address');
    for (const host of this.#hosts(peerID)) {
      try {
        const tunnel = await dialer.dial({ host, port, peerID, slot }, signal);
        logger.info('Tunnel is up', { ...named(gateway), host, port });
        return tunnel;
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }

  /** Over the control connection, which may get through where nothing else does, until a tunnel of its own is to be had. */
  async #detour(gateway: Worker, problem: Error, signal: AbortSignal): Promise<TunnelEnd> {
    const { dialer, transport, logger } = this.#components;
    const channel = await transport.open(gateway.peerID, tunnelProtocol(gateway.slot), signal).catch(() => {
      throw problem;
    });
    const detour = await dialer.over(channel, signal);
    const fields = { ...named(gateway), problem: problem.message };
    logger.warn('Tunnel is up over the control connection only, which is slower', fields);
    const over = new AbortController();
    void detour.closed.then(() => over.abort());
    const direct = await this.#await(gateway, AbortSignal.any([signal, over.signal]), signal);
    if (direct) detour.close();
    return direct ?? detour;
  }

  /** Undefined when `patience` ended before there was a tunnel. */
  async #await(gateway: Worker, patience: AbortSignal, signal: AbortSignal): Promise<TunnelEnd | undefined> {
    const { clock, logger } = this.#components;
    for (;;) {
      await sleep(clock, RETRY_MS, patience);
      if (patience.aborted) return undefined;
      try {
        return await this.#dial(gateway, signal);
      } catch (error) {
        logger.debug('Tunnel is still to be had over the control connection only', { error });
      }
    }
  }

  #hosts(peerID: string): Set<string> {
    const peers = [...this.#components.trustedPeers()].filter(({ spec }) => spec.peerID === peerID);
    return new Set(peers.flatMap(({ spec }) => spec.addresses.flatMap(hostOf)));
  }
}

/** `/dns4/gateway.example.com/tcp/8443` is dialled at gateway.example.com. */
function hostOf(multiaddr: string): string[] {
  const [, , host] = multiaddr.split('/');
  return host === undefined || multiaddr.includes('/p2p-circuit') ? [] : [host];
}

function slots(gateway: Gateway): [string, Worker][] {
  const { peerID, port, workers } = gateway;
  return Array.from({ length: workers }, (_, slot) => [`${peerID} ${port} ${slot}`, { ...gateway, slot }]);
}

/** As a log names it: by its slot only where there are several. */
function named({ peerID, workers, slot }: Worker): LogFields {
  return workers === 1 ? { gateway: peerID } : { gateway: peerID, worker: slot };
}
