import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { newNonce } from '../../agents/adapters/rpc/request.ts';
import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { addressOf, MemoryNetwork } from '../../agents/adapters/transport/memory/network.ts';
import { MemoryTransport } from '../../agents/adapters/transport/memory/transport.ts';
import { TunnelAcceptor } from '../../agents/adapters/transport/tunnel/acceptor.ts';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import { ALPN_PROTOCOL } from '../../agents/adapters/transport/tunnel/tls/protocols.ts';
import { assemble } from '../../agents/gateway/assemble.ts';
import type { GatewayCertificates } from '../../agents/gateway/certificates/gateway-certificates.ts';
import { InternalCertificates } from '../../agents/gateway/certificates/internal/internal-certificates.ts';
import { Ingress } from '../../agents/gateway/ingress/ingress.ts';
import { TunnelRouter } from '../../agents/gateway/router/tunnel-router.ts';
import { TunnelTable } from '../../agents/gateway/router/tunnels.ts';
import { canonicalHash, canonicalJson } from '../../api/meta/canonical.ts';
import { findCondition } from '../../api/meta/condition.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { ENVELOPE_LIFETIME_MS } from '../../api/protocol/limits.ts';
import { REQUEST_DOMAIN } from '../../api/protocol/protocols.ts';
import type { Deployment, Route } from '../../api/v1alpha1/types.ts';
import { desiredRoute } from '../../controllers/exposure/desired.ts';
import type { Applicable } from '../../controllers/ports/store.ts';
import { FakeHostProofs } from '../fakes/fake-host-proofs.ts';
import { eventually } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { deployment, trustedPeer } from './objects.ts';
import { silentLogger as logger, silentMetrics as metrics } from './silent.ts';
import { temporaryDirectory } from './store-directory.ts';

export const DOMAIN = 'example.com';

const PATIENCE = { timeoutMs: 20_000, intervalMs: 20 };

export interface GatewayWorldInit {
  /** Default: example.com. */
  domain?: string;
  /** Default: an authority of the gateway's own, whose clock is the calendar. */
  certificates?: GatewayCertificates;
}

/**
 * A gateway on loopback as its program puts it together: its control plane, edge, authority and tunnels. Only what
 * peers say to it goes through memory instead of libp2p.
 */
export class GatewayWorld {
  readonly identity = generateIdentity();
  readonly network = new MemoryNetwork({ clock });
  readonly store = new MemoryStore({ clock });
  readonly tunnels = new TunnelTable();
  readonly router = new TunnelRouter({ tunnels: this.tunnels, clock });
  /** That of certificates, which age when a test turns it. Visitors have real ones. */
  readonly calendar = new FakeClock(Date.now());
  readonly hostProofs = new FakeHostProofs();
  certificates!: GatewayCertificates;
  readonly #init: GatewayWorldInit;
  ingress!: Ingress;
  readonly #stop = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();
  #dispose = async (): Promise<void> => {};

  constructor(init: GatewayWorldInit = {}) {
    this.#init = init;
  }

  /** Ends with {@link stop}. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  async start(): Promise<void> {
    const { signal, identity, store, router } = this;
    const { directory, dispose } = await temporaryDirectory();
    this.#dispose = dispose;
    await mkdir(directory, { mode: 0o700 });
    this.certificates = this.#init.certificates ?? (await this.#certify(directory));
    const acceptor = new TunnelAcceptor(
      { certificate: await createCertificate(identity), clock, logger },
      { allow: (peerID) => router.isAllowed(peerID), onTunnel: (tunnel) => this.tunnels.add(tunnel) },
    );
    acceptor.start(signal);
    await this.#open((socket) => acceptor.accept(socket));
    const transport = new MemoryTransport({ network: this.network, clock }, { peerID: identity.peerID });
    const world = {
      store,
      transport,
      router,
      certificates: this.certificates,
      hostProofs: this.hostProofs,
      identity,
      clock,
      logger,
      metrics,
    };
    const urlOf = (host: string) => `https://${host}:${this.port}`;
    const options = { domain: this.#domain, stateDirectory: directory };
    this.#ended = assemble({ ...world, urlOf }, options, signal).start(signal);
    await transport.start(signal);
  }

  /** Of visitors and tunnels. */
  get port(): number {
    return this.ingress.httpsPort;
  }

  /** Writes a peer down as whoever runs the gateway would. */
  async trust(name: string, { peerID }: Identity, spec: MergePatch = {}): Promise<void> {
    await this.store.apply(
      trustedPeer(name, peerID, { addresses: [addressOf(peerID)], ...(spec as object) }),
    );
  }

  /** Resolves when the gateway says so of a Route, and answers its host. */
  async until(key: ObjectKey<'Route'>, reason: string): Promise<string | undefined> {
    await eventually(async () => expect(await this.#reason(key)).toBe(reason), PATIENCE);
    return (await this.store.get(key))?.status?.host;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await this.#dispose();
  }

  get #domain(): string {
    return this.#init.domain ?? DOMAIN;
  }

  async #certify(directory: string): Promise<GatewayCertificates> {
    const init = { directory: `${directory}/certificates`, domain: this.#domain };
    const certificates = new InternalCertificates({ clock: this.calendar, logger }, init);
    await certificates.start(this.signal);
    return certificates;
  }

  async #reason(key: ObjectKey<'Route'>): Promise<string | undefined> {
    return findCondition((await this.store.get(key))?.status?.conditions, 'Ready')?.reason;
  }

  async #open(acceptTunnel: (socket: Socket) => void): Promise<void> {
    const { router, certificates } = this;
    this.ingress = new Ingress(
      { router, certificates, clock, log: () => {}, acceptTunnel },
      {
        host: '127.0.0.1',
        httpsPort: 0,
        httpPort: 0,
        domain: this.#domain,
        tunnelProtocol: ALPN_PROTOCOL,
        maxBodyBytes: 1e9,
        behindProxy: false,
      },
    );
    await this.ingress.start(this.signal);
    router.listensOn(this.port);
  }
}

/** What an owner signs who deploys `name` on a provider and exposes it. */
export async function signedDeployment(
  owner: Identity,
  provider: { peerID: string },
  name: string,
  host?: string,
): Promise<Deployment> {
  const expose = { port: 80, ...(host !== undefined && { host }) };
  const template = { spec: { containers: [{ name, image: 'web:1', ports: [{ containerPort: 80 }] }] } };
  const unsigned = deployment(name, { expose, template }, { uid: randomUUID(), owner: owner.peerID });
  const { uid, generation, namespace } = unsigned.metadata;
  const claims = {
    verb: 'apply',
    kind: 'Deployment',
    ...{ namespace, name, uid, generation },
    result: canonicalHash(unsigned.spec),
    expose: canonicalHash(unsigned.spec.expose),
    iss: owner.peerID,
    aud: provider.peerID,
    iat: clock.now(),
    exp: clock.now() + ENVELOPE_LIFETIME_MS,
    seq: 0,
    bodyHash: canonicalHash({}),
    nonce: newNonce(),
  };
  const envelope = await owner.seal(REQUEST_DOMAIN, new TextEncoder().encode(canonicalJson(claims)));
  const signature = Buffer.from(envelope).toString('base64');
  return { ...unsigned, metadata: { ...unsigned.metadata, signature } };
}

/** The Route that an honest provider asks for. */
export function routeOf(signed: Deployment, gateway: { peerID: string }): Applicable<'Route'> {
  const route = desiredRoute(signed, gateway.peerID);
  if (!route) throw new TypeError('it is not exposed');
  return route;
}

/** A Route as the gateway keeps it, whoever asked for it. */
export function keyFrom({ metadata }: Pick<Route, 'metadata'> | Applicable<'Route'>, owner: string) {
  const { namespace, name } = metadata;
  return { kind: 'Route', owner, namespace, name } as ObjectKey<'Route'>;
}
