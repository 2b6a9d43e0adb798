import { PEER_ID } from '../../../api/meta/names.ts';

/** Where a gateway is, and who it must be. */
export interface GatewayAddress {
  /** Multiaddr without the peer ID. */
  address: string;
  /** Undefined: a TrustedPeer with this address says. */
  peerID: string | undefined;
}

const MULTIADDR = /^(\/(?:dns|dns4|dns6|ip4|ip6)\/[^/]+\/tcp\/\d{1,5})\/p2p\/([^/]+)$/;
const HOST_AND_PORT = /^(\[[\da-fA-F:]+\]|[^:/\s]+):(\d{1,5})$/;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** Reads `/dns4/gw.example.com/tcp/8443/p2p/12D3KooW...` or `gw.example.com:8443`. @throws RangeError */
export function parseGateway(text: string): GatewayAddress {
  const [, address, peerID] = MULTIADDR.exec(text) ?? [];
  if (address !== undefined && PEER_ID.test(peerID ?? '')) return { address, peerID };
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host !== undefined)
    return { address: `/${protocolOf(host)}/${host.replace(/[[\]]/g, '')}/tcp/${port}`, peerID: undefined };
  throw new RangeError(`must be /dns4/HOST/tcp/PORT/p2p/ID or HOST:PORT, not "${text}"`);
}

function protocolOf(host: string): string {
  if (host.startsWith('[')) return 'ip6';
  return IPV4.test(host) ? 'ip4' : 'dns';
}
