import type { ObjectKey } from '../../api/meta/object.ts';
import { ROLE_LABEL } from '../../api/v1alpha1/roles.ts';
import type { Route, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Informer } from '../core/informer.ts';
import { type Enqueue, type Source, Trigger } from '../core/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Peers } from '../ports/peers.ts';
import type { Gateway, Tunnels } from '../ports/tunnels.ts';
import { GatewayMirror } from './gateway.ts';

export interface GatewaysComponents {
  peers: Peers;
  tunnels: Tunnels;
  trustedPeers: Informer<'TrustedPeer'>;
  deployments: Informer<'Deployment'>;
  clock: Clock;
  logger: Logger;
}

/** One {@link GatewayMirror} for each TrustedPeer that is a gateway. What they show becomes keys to look at, and tunnels. */
export class Gateways implements Source<'Deployment'> {
  readonly #components: GatewaysComponents;
  readonly #trigger = new Trigger<'Deployment'>();
  /** By peer ID. */
  readonly #mirrors = new Map<string, GatewayMirror>();

  constructor(components: GatewaysComponents) {
    this.#components = components;
  }

  all(): GatewayMirror[] {
    return [...this.#mirrors.values()];
  }

  async start(enqueue: Enqueue<'Deployment'>, signal: AbortSignal): Promise<void> {
    const { trustedPeers } = this.#components;
    const look = () => this.#follow(signal);
    const remove = trustedPeers.addHandler({ onAdd: look, onUpdate: look, onDelete: look });
    await this.#trigger.start(enqueue, signal).finally(remove);
  }

  /** Begins with new gateways, and lets go of those that are no longer any. */
  #follow(signal: AbortSignal): void {
    const gateways = this.#components.trustedPeers.list().filter(isGateway);
    const wanted = new Map(gateways.map((peer) => [peer.spec.peerID, peer]));
    for (const [peerID, mirror] of this.#mirrors) {
      if (wanted.has(peerID)) continue;
      mirror.stop();
      this.#mirrors.delete(peerID);
    }
    for (const [peerID, peer] of wanted) if (!this.#mirrors.has(peerID)) this.#begin(peer, signal);
    this.#changed();
  }

  #begin({ metadata: { name }, spec: { peerID } }: TrustedPeer, signal: AbortSignal): void {
    const { peers } = this.#components;
    const mirror = new GatewayMirror(this.#components, {
      name,
      peerID,
      store: peers.store(peerID),
      onChange: (route) => {
        this.#trigger.enqueue(deploymentKey(route));
        this.#keepTunnels();
      },
      onContact: () => this.#changed(),
    });
    this.#mirrors.set(peerID, mirror);
    mirror.start(signal);
  }

  #changed(): void {
    for (const { metadata, spec } of this.#components.deployments.list())
      if (spec.expose) this.#trigger.enqueue({ kind: 'Deployment', ...nameOf(metadata) });
    this.#keepTunnels();
  }

  /** A gateway says in the Routes that it has accepted where it is to be dialled. */
  #keepTunnels(): void {
    const gateways = this.all().flatMap((mirror): Gateway[] => {
      const endpoint = mirror.list().find(({ status }) => status?.tunnel)?.status?.tunnel;
      return endpoint ? [{ peerID: mirror.peerID, ...endpoint }] : [];
    });
    this.#components.tunnels.keep(gateways);
  }
}

function isGateway({ metadata }: TrustedPeer): boolean {
  return metadata.labels?.[ROLE_LABEL] === 'gateway' && !metadata.deletionTimestamp;
}

function deploymentKey({ spec: { owner, deployment } }: Route): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', owner, namespace: deployment.namespace, name: deployment.name };
}

function nameOf({ owner, namespace, name }: { owner?: string; namespace?: string; name: string }) {
  return { owner, namespace, name };
}
