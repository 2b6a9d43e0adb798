import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { Libp2pTransport } from '../../agents/adapters/transport/libp2p/transport.ts';
import type { AllowedPeer, Transport } from '../../controllers/ports/transport.ts';
import { until } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';
import { LOOPBACK, startTransport } from './transport-peers.ts';

/** All tests come from one host. */
const UNHURRIED = { maxInboundPerSecondPerHost: 1_000, maxRequestsPerSecond: 1_000 };

/** A gateway that relays, and whom it does that for. Ends with `signal`. */
export class TestGateway {
  readonly transport: Libp2pTransport;
  readonly #peers = new Map<string, AllowedPeer>();

  private constructor(transport: Libp2pTransport) {
    this.transport = transport;
  }

  static async start(options: Omit<Parameters<typeof startTransport>[0], 'relay'>): Promise<TestGateway> {
    return new TestGateway(
      await startTransport({ listen: LOOPBACK, limits: UNHURRIED, ...options, relay: true }),
    );
  }

  /** @param relay Whether others may reach it. */
  admit(peerID: string, relay: boolean): void {
    this.#peers.set(peerID, { peerID, addresses: [], relay });
    this.transport.allow([...this.#peers.values()]);
  }

  dismiss(peerID: string): void {
    this.#peers.delete(peerID);
    this.transport.allow([...this.#peers.values()]);
  }

  /** As it stands on the list of a peer. @param gateway Whether that peer counts on it. */
  entry(gateway = true): AllowedPeer {
    return { peerID: this.transport.peerID, addresses: this.transport.addresses(), gateway };
  }
}

let shared: Promise<TestGateway> | undefined;
const stop = new AbortController();

/** One for all transports of a file. */
export function sharedGateway(): Promise<TestGateway> {
  shared ??= TestGateway.start({ signal: stop.signal });
  return shared;
}

export function stopSharedGateway(): void {
  stop.abort();
}

/**
 * A transport that has a gateway beside the peers it is told of, and shows nothing of it. Those that would
 * listen do not: they hold a reservation there. The others go where they are told, and through the gateway
 * only where an address leads through it.
 */
export function viaGateway({ listen }: { listen: boolean }): Transport {
  const identity = generateIdentity();
  const inner = new Libp2pTransport(
    { identity, clock: new FakeClock(), logger: silentLogger },
    { listen: [], reserve: listen },
  );
  let gateway: TestGateway | undefined;
  let allowed: readonly AllowedPeer[] = [];
  const isPeer = ({ peerID }: { peerID: string }) => peerID !== gateway?.transport.peerID;
  const allow = (peers: readonly AllowedPeer[]) => {
    allowed = peers;
    inner.allow(gateway ? [...peers, gateway.entry(listen)] : peers);
  };
  return {
    peerID: inner.peerID,
    allow,
    addresses: () => inner.addresses(),
    open: (...args) => inner.open(...args),
    handle: (...args) => inner.handle(...args),
    connections: () => inner.connections().filter(isPeer),
    onConnectionChange: (listener) => inner.onConnectionChange(listener),
    start: async (signal) => {
      gateway = await sharedGateway();
      gateway.admit(inner.peerID, listen);
      allow(allowed);
      await inner.start(signal);
      if (listen) await until(() => inner.addresses()[0]);
    },
  };
}
