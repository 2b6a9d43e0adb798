import { multiaddr } from '@multiformats/multiaddr';
import { bytesOf, numberOf, parse } from '../relay/messages.ts';
import { decode, encode } from '../relay/protobuf.ts';

/** Direct Connection Upgrade through Relay. Source: https://github.com/libp2p/specs/blob/master/relay/DCUtR.md */
export const PUNCH_PROTOCOL = '/libp2p/dcutr';

const CONNECT = 100;
const SYNC = 300;

/** `connect`: this is where I am seen. `sync`: now. */
export type PunchMessage = { type: 'connect'; address: string } | { type: 'sync' };

export function encodePunch(message: PunchMessage): Uint8Array {
  if (message.type === 'sync') return encode([[1, SYNC]]);
  return encode([
    [1, CONNECT],
    [2, multiaddr(message.address).bytes],
  ]);
}

/** Of several addresses the first counts. @throws RangeError */
export function decodePunch(bytes: Uint8Array): PunchMessage {
  const fields = decode(bytes);
  const type = numberOf(fields, 1);
  if (type === SYNC) return { type: 'sync' };
  const address = bytesOf(fields, 2);
  if (type !== CONNECT || !address) throw new RangeError('it is no message of a hole punch');
  return { type: 'connect', address: parse(address) };
}
