import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { RemoteStore } from '../../agents/adapters/rpc/remote-store.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { Libp2pTransport } from '../../agents/adapters/transport/libp2p/transport.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { answerStreams } from '../../agents/peercomputed/tunnels/answer-stream.ts';
import { GatewayTunnels } from '../../agents/peercomputed/tunnels/gateway-tunnels.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import type { Gateway } from '../../controllers/ports/tunnels.ts';
import { eventually, until } from '../support/eventually.ts';
import { routeOf, signedDeployment } from '../support/gateway-world.ts';
import { trustedPeer } from '../support/objects.ts';
import { silentLogger as logger } from '../support/silent.ts';

const SLOW = { timeoutMs: 20_000, intervalMs: 50 };

/** A provider of a gateway that is another process, with one container, a server of the test's. */
export class TunnelProvider {
  readonly identity = generateIdentity();
  readonly container: Server;
  readonly #gateway: { peerID: string; address: string };
  readonly #transport: Libp2pTransport;
  readonly #routes: RemoteStore;
  readonly #tunnels: GatewayTunnels;
  readonly #stop = new AbortController();

  /** @param gateway What it is, and the multiaddr where it listens. */
  constructor(gateway: { peerID: string; address: string }, container: RequestListener) {
    const { identity } = this;
    this.#gateway = gateway;
    this.container = createServer(container);
    this.#transport = new Libp2pTransport({ identity, clock, logger }, { listen: [] });
    this.#routes = new RemoteStore({ identity, transport: this.#transport, clock }, gateway);
    const peer = trustedPeer('gateway', gateway.peerID, { addresses: [gateway.address] });
    const find = () => ({ port: (this.container.address() as AddressInfo).port, release: () => {} });
    this.#tunnels = new GatewayTunnels({
      dialer: new TunnelDialer({ identity, clock }, { onStream: answerStreams({ find }) }),
      transport: this.#transport,
      trustedPeers: () => [peer],
      clock,
      logger,
    });
  }

  async start(): Promise<void> {
    const { peerID, address } = this.#gateway;
    await new Promise<void>((resolve) => this.container.listen(0, '127.0.0.1', resolve));
    await this.#transport.start(this.#stop.signal);
    this.#transport.allow([{ peerID, addresses: [address] }]);
    void this.#tunnels.start(this.#stop.signal);
  }

  /** Asks for a Route as an honest provider does, and answers its status as soon as it says where to dial. */
  async expose(owner: Identity, name: string, host?: string): Promise<NonNullable<Route['status']>> {
    const signed = await signedDeployment(owner, this.identity, name, host);
    const route = routeOf(signed, this.#gateway);
    await eventually(() => this.#routes.apply(route), SLOW);
    return until(async () => {
      const status = await this.status(name);
      return status?.tunnel ? status : undefined;
    }, SLOW);
  }

  /** What the gateway says of a Route of ours. */
  async status(name: string): Promise<Route['status']> {
    const { items } = await this.#routes.list('Route');
    return items.find(({ spec }) => spec.deployment.name === name)?.status;
  }

  /** Keeps up as many tunnels as this endpoint has workers. */
  keepUp(endpoint: Omit<Gateway, 'peerID'>): void {
    this.#tunnels.keep([{ ...endpoint, peerID: this.#gateway.peerID }]);
  }

  stop(): void {
    this.#stop.abort();
    this.container.closeAllConnections();
    this.container.close();
  }
}
