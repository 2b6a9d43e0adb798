import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { API_VERSION } from '../../api/kinds.ts';
import { findCondition } from '../../api/meta/condition.ts';
import type { Expose } from '../../api/v1alpha1/expose.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import { findTrusted } from '../../controllers/admission/authorize.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import { routeController } from '../../controllers/route/route-controller.ts';
import { FakeHostProofs } from '../fakes/fake-host-proofs.ts';
import { FakeCertificates, FakeRouter } from '../fakes/fake-router.ts';
import { eventually } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { ALICE, BOB, trustedPeer } from './objects.ts';
import { silentLogger, silentMetrics } from './silent.ts';

/** What runs, and ends with {@link endWorlds}. */
const running: { end: AbortController; ended: Promise<void> }[] = [];

export async function endWorlds(): Promise<void> {
  for (const { end } of running) end.abort();
  await Promise.all(running.splice(0).map(({ ended }) => ended));
}

/** A gateway example.com that lets alice carry Routes, and knows bob, with its controller at work. */
export class RouteWorld {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore({ clock: this.clock });
  readonly router = new FakeRouter();
  readonly certificates = new FakeCertificates();
  readonly hostProofs = new FakeHostProofs();
  /** What is wrong with signatures. */
  signatureProblem: string | undefined;

  async start(): Promise<void> {
    const { clock, store, router, certificates, hostProofs } = this;
    await store.apply(trustedPeer('alice', ALICE, { grants: { expose: {} } }));
    await store.apply(trustedPeer('bob', BOB, { grants: { expose: { hosts: ['*.bob.example'] } } }));
    const components = { store, clock, logger: silentLogger, metrics: silentMetrics };
    const routes = new Informer(components, { kind: 'Route' });
    const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
    const trusted = (peerID: string) => findTrusted(trustedPeers.list(), peerID, clock.now());
    const verifier = { verify: async () => this.signatureProblem };
    const controller = routeController(
      { ...components, routes, trustedPeers, router, certificates, hostProofs, verifier, trusted },
      { domain: 'example.com', urlOf: (host) => `https://${host}` },
    );
    const manager = new Manager({ clock }, { informers: [routes, trustedPeers], controllers: [controller] });
    const end = new AbortController();
    running.push({ end, ended: manager.start(end.signal) });
  }

  /** As a provider asks for it; `owner` is who signed the Deployment. */
  async ask(name: string, { provider = ALICE, owner = BOB, expose = {} }: Asked = {}): Promise<Route> {
    const { object } = await this.store.apply({
      apiVersion: API_VERSION,
      kind: 'Route',
      metadata: { owner: provider, namespace: 'default', name: `${name}.${owner.slice(-8).toLowerCase()}` },
      spec: {
        owner,
        deployment: {
          namespace: 'default',
          name,
          uid: '3f0a6a52-8a2e-4bd7-9d1e-0c6e5a6f9b10',
          generation: 1,
        },
        expose: { port: 80, protocol: 'HTTP', ...expose },
        envelope: 'AAAA',
      },
    });
    return object;
  }

  /** The Route as it is now. */
  async now({ metadata: { owner, namespace, name } }: Route): Promise<Route | undefined> {
    return this.store.get({ kind: 'Route', owner, namespace, name });
  }

  /** Turns the clock until this is the reason of the Route's Ready condition. */
  async until(route: Route, reason: string): Promise<Route> {
    await this.eventually(async () => expect(await this.readyReason(route)).toBe(reason));
    return (await this.now(route))!;
  }

  async eventually(assertion: () => unknown): Promise<void> {
    await eventually(async () => {
      await this.clock.advance(1_000);
      await assertion();
    });
  }

  /** Bar L1, which every reconciler meets: what has settled is left alone. */
  async expectSettled(): Promise<void> {
    await this.clock.settle();
    const before = await this.#writes();
    await this.clock.advance(600_000);
    await this.clock.settle();
    expect(await this.#writes()).toEqual(before);
  }

  async readyReason(route: Route): Promise<string | undefined> {
    return findCondition((await this.now(route))?.status?.conditions, 'Ready')?.reason;
  }

  async #writes() {
    const kinds = ['Route', 'HostReservation'] as const;
    const lists = await Promise.all(kinds.map((kind) => this.store.list(kind)));
    return [this.router.changes, ...lists.map(({ resourceVersion }) => resourceVersion)];
  }
}

interface Asked {
  provider?: string;
  owner?: string;
  expose?: Partial<Expose>;
}
