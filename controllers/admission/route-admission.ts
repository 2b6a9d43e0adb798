import { formatKey, type ObjectKey } from '../../api/meta/object.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Route, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { PeerAdmission } from './admitted-store.ts';
import { forbidden, requireTrusted } from './authorize.ts';

export interface RouteAdmissionComponents {
  clock: Clock;
  /** Every TrustedPeer, as known now. */
  trustedPeers(): Iterable<TrustedPeer>;
  /** Every Route, as known now. */
  routes(): Iterable<Route>;
}

/** By then a Route that was written is among those known, in milliseconds. */
const KNOWN_AFTER_MS = 10_000;

/** Decides what a provider may ask of this gateway. Whether a Route is served is decided when it is looked at. */
export class RouteAdmission implements PeerAdmission {
  readonly kind = 'Route';
  readonly #components: RouteAdmissionComponents;
  /** Writes of Routes that may not be known yet, oldest first. */
  readonly #reserved = new Map<string, { owner: string; until: number }>();

  constructor(components: RouteAdmissionComponents) {
    this.#components = components;
  }

  /** @throws StatusError `Forbidden` */
  trusted(peerID: string): TrustedPeer {
    return requireTrusted(this.#components.trustedPeers(), peerID, this.#components.clock.now());
  }

  /** @throws StatusError `Forbidden` */
  admit(key: ObjectKey): () => void {
    const owner = key.owner ?? '';
    const grant = this.trusted(owner).spec.grants.expose;
    if (!grant)
      throw forbidden(
        Reason.NotGranted,
        'you have no "expose" grant here; ask the gateway\'s owner to add it to your TrustedPeer',
      );
    const mine = this.#keysOf(owner);
    const name = formatKey(key);
    if (!mine.has(name) && mine.size >= grant.maxRoutes)
      throw forbidden(Reason.QuotaExceeded, `you were granted ${grant.maxRoutes} Routes, and have as many`);
    this.#reserved.set(name, { owner, until: this.#components.clock.now() + KNOWN_AFTER_MS });
    return () => this.#reserved.delete(name);
  }

  #keysOf(owner: string): Set<string> {
    const known = [...this.#components.routes()].filter(({ metadata }) => metadata.owner === owner);
    const now = this.#components.clock.now();
    for (const [name, { until }] of this.#reserved) if (until <= now) this.#reserved.delete(name);
    const reserved = [...this.#reserved].filter(([, by]) => by.owner === owner).map(([name]) => name);
    return new Set([
      ...reserved,
      ...known.map(({ kind, metadata }) => formatKey({ kind, ...names(metadata) })),
    ]);
  }
}

function names({ owner, namespace, name }: Route['metadata']): Omit<ObjectKey, 'kind'> {
  return { owner, namespace, name };
}
