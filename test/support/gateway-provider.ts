import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { RemoteStore } from '../../agents/adapters/rpc/remote-store.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { addressOf } from '../../agents/adapters/transport/memory/network.ts';
import { MemoryTransport } from '../../agents/adapters/transport/memory/transport.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { answerStreams } from '../../agents/peercomputed/tunnels/answer-stream.ts';
import { GatewayTunnels } from '../../agents/peercomputed/tunnels/gateway-tunnels.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Applicable } from '../../controllers/ports/store.ts';
import { eventually } from './eventually.ts';
import { FakeLogger } from './fake-logger.ts';
import { type GatewayWorld, keyFrom, routeOf, signedDeployment } from './gateway-world.ts';
import { trustedPeer } from './objects.ts';

/** A provider of a {@link GatewayWorld} with one container, a server of the test's, which all of its streams lead to. */
export class TestProvider {
  readonly identity = generateIdentity();
  readonly container: Server;
  /** The gateway's Store as it shows it to this provider. */
  readonly routes: RemoteStore;
  readonly logger = new FakeLogger();
  readonly #world: GatewayWorld;
  readonly #transport: MemoryTransport;
  readonly #tunnels: GatewayTunnels;

  /** @param container Says who it is, unless told otherwise. */
  constructor(
    world: GatewayWorld,
    name: string,
    container = createServer((_, response) => response.end(name)),
  ) {
    const { identity } = this;
    this.#world = world;
    this.container = container;
    this.#transport = new MemoryTransport({ network: world.network, clock }, { peerID: identity.peerID });
    const { peerID } = world.identity;
    this.routes = new RemoteStore({ identity, transport: this.#transport, clock }, { peerID });
    const gateway = trustedPeer('gateway', peerID, { addresses: ['/ip4/127.0.0.1/tcp/1'] });
    this.#tunnels = new GatewayTunnels({
      dialer: this.dialer(),
      transport: this.#transport,
      trustedPeers: () => [gateway],
      clock,
      logger: this.logger,
    });
  }

  /** Dials for this provider. */
  dialer(): TunnelDialer {
    const find = () => ({ port: (this.container.address() as AddressInfo).port, release: () => {} });
    return new TunnelDialer({ identity: this.identity, clock }, { onStream: answerStreams({ find }) });
  }

  async start(): Promise<void> {
    const { signal, identity } = this.#world;
    const { peerID } = identity;
    await new Promise<void>((resolve) => this.container.listen(0, '127.0.0.1', resolve));
    this.#transport.allow([{ peerID, addresses: [addressOf(peerID)] }]);
    await this.#transport.start(signal);
    void this.#tunnels.start(signal);
    signal.addEventListener('abort', () => {
      this.container.closeAllConnections();
      this.container.close();
    });
  }

  /** Keeps a tunnel up, by default to the gateway itself. */
  keepUp(port = this.#world.port): void {
    const { peerID } = this.#world.identity;
    this.#tunnels.keep([{ peerID, port, workers: 1 }]);
  }

  /** Asks the gateway for a Route as an honest provider does; `host` is what the owner asks for. */
  async expose(owner: Identity, name: string, host?: string): Promise<ObjectKey<'Route'>> {
    const signed = await signedDeployment(owner, this.identity, name, host);
    return this.ask(routeOf(signed, this.#world.identity));
  }

  /** Asks for any Route at all, again while the gateway does not know us yet. */
  async ask(route: Applicable<'Route'>): Promise<ObjectKey<'Route'>> {
    await eventually(() => this.routes.apply(route));
    return keyFrom(route, this.identity.peerID);
  }
}

/** A provider that the gateway lets carry Routes, with its tunnel up. */
export async function newProvider(
  world: GatewayWorld,
  name: string,
  container?: Server,
): Promise<TestProvider> {
  const provider = new TestProvider(world, name, container);
  await provider.start();
  await world.trust(name, provider.identity, { grants: { expose: {} } });
  provider.keepUp();
  return provider;
}
