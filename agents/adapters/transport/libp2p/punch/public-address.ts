import { BlockList, isIP } from 'node:net';

/** `/ip4/203.0.113.7/tcp/4711`, as a gateway sees a peer. */
const ADDRESS = /^\/ip([46])\/([\da-fA-F.:]{2,45})\/tcp\/(\d{1,5})$/;

/** Networks that are somebody's own. Source: https://www.iana.org/assignments/iana-ipv4-special-registry */
const INTERNAL: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
];

const internal = new BlockList();
for (const [network, prefix] of INTERNAL) internal.addSubnet(network, prefix);

/** All of IPv6 that is routed on the Internet. */
const routed = new BlockList();
routed.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether a peer may make us dial this address: a place on the Internet and nowhere else. Otherwise it could
 * have us knock at doors in networks that only we are in.
 */
export function isPublicAddress(address: string): boolean {
  const [, version, host = '', port] = ADDRESS.exec(address) ?? [];
  if (version === undefined || isIP(host) !== Number(version) || Number(port) === 0) return false;
  return version === '4' ? !internal.check(host) : routed.check(host, 'ipv6');
}
