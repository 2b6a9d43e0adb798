import { API_VERSION } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Event } from '../../api/v1alpha1/types.ts';
import type { Reconciler, Result } from '../core/controller.ts';
import type { Store } from '../ports/store.ts';

/** What peers tell of our Deployments, by the name of the TrustedPeer. */
export interface PeerEvents {
  /** Undefined while the peer has not been asked yet. */
  find(peer: string, key: ObjectKey<'Event'>): { event: Event | undefined } | undefined;
}

/** A peer's Event <-> our copy of it, so that `events` and `describe` need no peer to be awake. */
export class EventMirror implements Reconciler<'Event'> {
  readonly #store: Store;
  readonly #peers: PeerEvents;

  constructor({ store, peers }: { store: Store; peers: PeerEvents }) {
    this.#store = store;
    this.#peers = peers;
  }

  async reconcile(key: ObjectKey<'Event'>): Promise<Result> {
    const { peer, name } = splitName(key.name);
    const found = this.#peers.find(peer, { kind: 'Event', namespace: key.namespace, name });
    if (!found) return {};
    if (!found.event) await this.#store.delete(key);
    else {
      const spec = { ...found.event.spec, peer };
      const metadata = { namespace: key.namespace, name: key.name };
      await this.#store.apply({ apiVersion: API_VERSION, kind: 'Event', metadata, spec });
    }
    return {};
  }
}

/** Where the copy of a peer's Event is kept: two peers may tell of the same thing under the same name. */
export function copyKey(
  peer: string,
  { namespace, name }: { namespace?: string; name: string },
): ObjectKey<'Event'> {
  return { kind: 'Event', namespace, name: `${peer}.${name}` };
}

/** Names of TrustedPeers hold no dot. */
function splitName(copy: string): { peer: string; name: string } {
  const dot = copy.indexOf('.');
  return { peer: copy.slice(0, dot), name: copy.slice(dot + 1) };
}
