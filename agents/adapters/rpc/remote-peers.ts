import type { Peers } from '../../../controllers/ports/peers.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import type { ClientComponents } from './client-stream.ts';
import { RemoteStore } from './remote-store.ts';

/** Every peer as a Store, one each, so that all who talk to a peer share its stream. */
export class RemotePeers implements Peers {
  readonly #components: ClientComponents;
  readonly #stores = new Map<string, RemoteStore>();

  constructor(components: ClientComponents) {
    this.#components = components;
  }

  store(peerID: string): Store {
    const known = this.#stores.get(peerID);
    if (known) return known;
    const store = new RemoteStore(this.#components, { peerID });
    this.#stores.set(peerID, store);
    return store;
  }
}
