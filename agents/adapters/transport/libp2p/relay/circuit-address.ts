import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { isRelayed } from '../../../../../controllers/ports/transport.ts';

/** Where a peer is reached through a gateway: `<where the gateway is>/p2p/GATEWAY/p2p-circuit/p2p/PEER`. */
export function circuitAddress(gateway: Multiaddr, peerID: string): Multiaddr {
  return gateway.encapsulate(`/p2p-circuit/p2p/${peerID}`);
}

/** The gateway that a circuit address goes through; undefined for any other address. */
export function gatewayOf(address: Multiaddr): { peerID: string; address: Multiaddr } | undefined {
  const text = address.toString();
  if (!isRelayed(text)) return undefined;
  const gateway = multiaddr(text.slice(0, text.indexOf('/p2p-circuit')));
  const peerID = gateway.getComponents().findLast(({ name }) => name === 'p2p')?.value;
  return peerID === undefined ? undefined : { peerID, address: gateway };
}
