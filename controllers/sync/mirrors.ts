import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Deployment, Event, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Informer } from '../core/informer.ts';
import { type Enqueue, type Source, Trigger } from '../core/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Peers } from '../ports/peers.ts';
import type { Store } from '../ports/store.ts';
import { copyKey, type PeerEvents } from './event-mirror.ts';
import { Mirror } from './mirror.ts';
import { leaving } from './placement.ts';

export interface MirrorsComponents {
  store: Pick<Store, 'list'>;
  peers: Peers;
  deployments: Informer<'Deployment'>;
  trustedPeers: Informer<'TrustedPeer'>;
  clock: Clock;
  logger: Logger;
}

/** One {@link Mirror} for each peer that is talked to, begun when first needed. What they see becomes keys to look at. */
export class Mirrors implements Source<'Deployment'>, PeerEvents {
  readonly #components: MirrorsComponents;
  /** Names of our copies of peers' Events. */
  readonly events = new Trigger<'Event'>();
  readonly #trigger = new Trigger<'Deployment'>();
  readonly #mirrors = new Map<string, Mirror>();
  #signal: AbortSignal | undefined;

  constructor(components: MirrorsComponents) {
    this.#components = components;
  }

  async start(enqueue: Enqueue<'Deployment'>, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const mirror of this.#mirrors.values()) mirror.start(signal);
    const retain = () => this.#retain();
    const remove = this.#components.trustedPeers.addHandler({ onUpdate: retain, onDelete: retain });
    await this.#trigger.start(enqueue, signal).finally(remove);
  }

  of({ metadata: { name }, spec: { peerID } }: TrustedPeer): Mirror {
    const known = this.#mirrors.get(peerID);
    if (known) return known;
    const { peers, clock, logger } = this.#components;
    const mirror = new Mirror(
      { clock, logger },
      {
        name,
        store: peers.store(peerID),
        onChange: (key) => this.#trigger.enqueue(key),
        onEvent: (key) => this.events.enqueue(copyKey(name, key)),
        onEvents: () => void this.#lookAtCopies(name),
        onContact: () => this.#enqueueAll(name),
      },
    );
    this.#mirrors.set(peerID, mirror);
    if (this.#signal) mirror.start(this.#signal);
    return mirror;
  }

  /** Lets go of peers that are no longer trusted. */
  #retain(): void {
    const trusted = new Set(this.#components.trustedPeers.list().map(({ spec }) => spec.peerID));
    for (const [peerID, mirror] of this.#mirrors) {
      if (trusted.has(peerID)) continue;
      mirror.stop();
      this.#mirrors.delete(peerID);
    }
  }

  /** {@link PeerEvents} */
  find(peer: string, key: ObjectKey<'Event'>): { event: Event | undefined } | undefined {
    const trusted = this.#components.trustedPeers.get({ kind: 'TrustedPeer', name: peer });
    return trusted && this.#mirrors.get(trusted.spec.peerID)?.findEvent(key);
  }

  /** What a peer told earlier and dropped while nobody listened would be kept for ever. */
  async #lookAtCopies(peer: string): Promise<void> {
    try {
      const { items } = await this.#components.store.list('Event', { owner: '' });
      const copies = items.filter(({ spec }) => spec.peer === peer);
      for (const copy of copies) this.events.enqueue(keyOf(copy) as ObjectKey<'Event'>);
    } catch (error) {
      this.#components.logger.warn('Copies of events could not be read', { peer, error });
    }
  }

  #enqueueAll(peer: string): void {
    for (const key of keysOf(this.#components.deployments.list(), peer)) this.#trigger.enqueue(key);
  }
}

/** The Deployments that a TrustedPeer runs or is to let go of. */
export function keysOf(deployments: Iterable<Deployment>, peer: string): ObjectKey<'Deployment'>[] {
  return [...deployments]
    .filter(
      (deployment) => deployment.spec.placement.peers.includes(peer) || leaving(deployment).includes(peer),
    )
    .map((deployment) => keyOf(deployment) as ObjectKey<'Deployment'>);
}
