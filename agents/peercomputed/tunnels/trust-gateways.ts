import { API_VERSION } from '../../../api/kinds.ts';
import { ROLE_LABEL } from '../../../api/v1alpha1/roles.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { UsageError } from '../../daemon/flags.ts';
import type { GatewayAddress } from './gateway-address.ts';

export interface TrustGatewaysComponents {
  store: Store;
  logger: Logger;
  /** Answers who is at an address that nobody has vouched for. Absent: nobody is trusted on first use. */
  askPeerID?: ((address: string) => Promise<string>) | undefined;
}

/** Writes down the gateways of the command line as TrustedPeers: from there on they are like any other. */
export async function trustGateways(
  { store, logger, askPeerID }: TrustGatewaysComponents,
  gateways: readonly GatewayAddress[],
): Promise<void> {
  for (const gateway of gateways) {
    const { items } = await store.list('TrustedPeer');
    const known = items.find((peer) => isMeant(peer, gateway));
    const peerID = known?.spec.peerID ?? gateway.peerID ?? (await askPeerID?.(gateway.address));
    if (peerID === undefined)
      throw new UsageError(
        `--gateway: no TrustedPeer has the address ${gateway.address}; add its peer ID: ${gateway.address}/p2p/ID, or --gateway-trust-on-first-use`,
      );
    if (!known && !gateway.peerID)
      logger.warn('Gateway was trusted on first use: ask its owner whether this is its peer ID', {
        address: gateway.address,
        peerID,
      });
    await store.apply({
      apiVersion: API_VERSION,
      kind: 'TrustedPeer',
      metadata: {
        name: known?.metadata.name ?? freeName(items, peerID),
        annotations: known?.metadata.annotations,
        labels: { ...known?.metadata.labels, [ROLE_LABEL]: 'gateway' },
      },
      spec: {
        ...(known?.spec ?? { peerID, grants: { logs: false, relay: false } }),
        addresses: [...new Set([...(known?.spec.addresses ?? []), gateway.address])],
      },
    });
  }
}

function isMeant({ spec }: TrustedPeer, { peerID, address }: GatewayAddress): boolean {
  return peerID === undefined ? spec.addresses.includes(address) : spec.peerID === peerID;
}

function freeName(peers: readonly TrustedPeer[], peerID: string): string {
  const isTaken = peers.some(({ metadata }) => metadata.name === 'gateway');
  return isTaken ? `gateway-${peerID.slice(-8).toLowerCase()}` : 'gateway';
}
