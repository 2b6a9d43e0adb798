import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Amounts } from '../../api/v1alpha1/trusted-peer.ts';
import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Result } from '../core/controller.ts';
import type { StatusWriter } from '../core/status-writer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Peers } from '../ports/peers.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import { type Answer, trustedPeerStatus } from './status.ts';

export interface TrustedPeerComponents {
  store: Store;
  transport: Pick<Transport, 'connections'>;
  status: StatusWriter;
  clock: Clock;
  /** Asks the peer what it grants us. Absent in a program that only serves. */
  peers?: Peers;
  /** What the peer uses here. Absent in a program that runs no containers. */
  usage?(peerID: string): Amounts;
}

/** How often a connected peer is asked what it grants us, and its `lastSeen` brought up to date, in milliseconds. */
const REFRESH_MS = 60_000;

/** TrustedPeer -> its reachability, what it grants us, what it uses. The allow list is kept by {@link keepAllowList}. */
export class TrustedPeerReconciler {
  readonly #components: TrustedPeerComponents;

  constructor(components: TrustedPeerComponents) {
    this.#components = components;
  }

  async reconcile(key: ObjectKey<'TrustedPeer'>): Promise<Result> {
    const { store, transport, status, clock, usage } = this.#components;
    const peer = await store.get(key);
    if (!peer) return {};
    const connection = transport.connections().find(({ peerID }) => peerID === peer.spec.peerID);
    const answer = connection && (await this.#ask(peer));
    const next = trustedPeerStatus(peer, {
      connection,
      answer,
      usage: usage?.(peer.spec.peerID),
      now: clock.now(),
    });
    await status.write(peer, next.fields, next.conditions);
    return connection ? { requeueAfterMs: REFRESH_MS } : {};
  }

  /** What the peer says of us; undefined where nobody asks or it does not answer. */
  async #ask(peer: TrustedPeer): Promise<Answer | undefined> {
    const { peers, clock } = this.#components;
    if (!peers) return undefined;
    const begun = clock.now();
    try {
      const { items } = await peers.store(peer.spec.peerID).list('TrustedPeer');
      return { self: items[0], roundTripMilliseconds: clock.now() - begun };
    } catch (error) {
      if (error instanceof StatusError) return { refusal: error };
      throw error;
    }
  }
}

/** The TrustedPeers of these peer IDs. */
export function peerKeys(
  peers: Iterable<TrustedPeer>,
  peerIDs: ReadonlySet<string>,
): ObjectKey<'TrustedPeer'>[] {
  return [...peers]
    .filter(({ spec }) => peerIDs.has(spec.peerID))
    .map((peer) => keyOf(peer) as ObjectKey<'TrustedPeer'>);
}
