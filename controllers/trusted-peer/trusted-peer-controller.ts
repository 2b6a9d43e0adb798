import type { Amounts } from '../../api/v1alpha1/trusted-peer.ts';
import { ended } from '../core/abort.ts';
import { Controller, type ControllerComponents } from '../core/controller.ts';
import type { Informer } from '../core/informer.ts';
import { objectSource, type Source } from '../core/source.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { Peers } from '../ports/peers.ts';
import type { Store } from '../ports/store.ts';
import { isRelayed, type Transport } from '../ports/transport.ts';
import { peerKeys, TrustedPeerReconciler } from './reconciler.ts';

export interface TrustedPeerControllerComponents extends ControllerComponents {
  store: Store;
  transport: Transport;
  trustedPeers: Informer<'TrustedPeer'>;
  /** Asks peers what they grant us. */
  peers?: Peers;
  usage?(peerID: string): Amounts;
}

/** A TrustedPeer is looked at when it changes, and when a connection to its peer opens or closes. */
export function trustedPeerController(
  components: TrustedPeerControllerComponents,
): Controller<'TrustedPeer'> {
  const { store, clock, transport, trustedPeers } = components;
  return new Controller<'TrustedPeer'>(components, {
    name: 'trusted-peer',
    reconciler: new TrustedPeerReconciler({ ...components, status: new StatusWriter({ store, clock }) }),
    sources: [objectSource(trustedPeers), connectionSource(transport, trustedPeers)],
  });
}

/** The peers that have come, gone, or are connected another way since the last time. */
function connectionSource(
  transport: Transport,
  trustedPeers: Informer<'TrustedPeer'>,
): Source<'TrustedPeer'> {
  return {
    start(enqueue, signal) {
      let before = new Map<string, boolean>();
      const look = () => {
        // Backwards: the connection that counts comes first, and the last one to be written stays.
        const open = transport.connections().toReversed();
        const now = new Map(open.map(({ peerID, address }) => [peerID, isRelayed(address)]));
        const known = [...before.keys(), ...now.keys()];
        const changed = new Set(known.filter((peerID) => before.get(peerID) !== now.get(peerID)));
        before = now;
        for (const key of peerKeys(trustedPeers.list(), changed)) enqueue(key);
      };
      const remove = transport.onConnectionChange(look);
      look();
      return ended(signal).finally(remove);
    },
  };
}
