import { multiaddr } from '@multiformats/multiaddr';
import { PEER_ID } from '../../../../../api/meta/names.ts';
import { decode, encode, type Value } from './protobuf.ts';

/**
 * Circuit relay v2 as we speak it: without vouchers, which would show third parties that a relay promised
 * something, and without limits, which our relay does not set.
 * Source: https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md
 */

/** Asks the relay: for a reservation, or to be connected. */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop';
/** Opened by the relay: somebody wants to connect. */
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop';

export const Status = {
  OK: 100,
  ReservationRefused: 200,
  ResourceLimitExceeded: 201,
  PermissionDenied: 202,
  ConnectionFailed: 203,
  NoReservation: 204,
  MalformedMessage: 400,
  UnexpectedMessage: 401,
} as const;

export type Status = (typeof Status)[keyof typeof Status];

/** Of a peer: who it is, and where it was seen. */
export interface Whom {
  peerID: string;
  /** Multiaddr. In an answer of the relay it is where the relay sees the caller, as identify would say. */
  address?: string | undefined;
}

export type HopMessage =
  | { type: 'reserve' }
  | { type: 'connect'; peer: Whom }
  | { type: 'status'; status: number; peer?: Whom | undefined; expiresAt?: number | undefined };

export type StopMessage = { type: 'connect'; peer: Whom } | { type: 'status'; status: number };

export function encodeHop(message: HopMessage): Uint8Array {
  if (message.type === 'reserve') return encode([[1, 0]]);
  const peer = message.peer && encodeWhom(message.peer);
  if (message.type === 'connect')
    return encode([
      [1, 1],
      [2, peer],
    ]);
  const { status, expiresAt } = message;
  // The wire counts seconds.
  const reservation = expiresAt === undefined ? undefined : encode([[1, Math.floor(expiresAt / 1000)]]);
  return encode([
    [1, 2],
    [2, peer],
    [3, reservation],
    [5, status],
  ]);
}

/** @throws RangeError */
export function decodeHop(bytes: Uint8Array): HopMessage {
  const fields = decode(bytes);
  const peer = bytesOf(fields, 2);
  switch (numberOf(fields, 1)) {
    case 0:
      return { type: 'reserve' };
    case 1:
      return { type: 'connect', peer: decodeWhom(peer) };
    case 2:
      return {
        type: 'status',
        status: numberOf(fields, 5) ?? 0,
        peer: peer && decodeWhom(peer),
        expiresAt: expiryOf(bytesOf(fields, 3)),
      };
    default:
      throw new RangeError('it is no message of a relay');
  }
}

export function encodeStop(message: StopMessage): Uint8Array {
  if (message.type === 'connect')
    return encode([
      [1, 0],
      [2, encodeWhom(message.peer)],
    ]);
  return encode([
    [1, 1],
    [4, message.status],
  ]);
}

/** @throws RangeError */
export function decodeStop(bytes: Uint8Array): StopMessage {
  const fields = decode(bytes);
  switch (numberOf(fields, 1)) {
    case 0:
      return { type: 'connect', peer: decodeWhom(bytesOf(fields, 2)) };
    case 1:
      return { type: 'status', status: numberOf(fields, 4) ?? 0 };
    default:
      throw new RangeError('it is no message of a relay');
  }
}

/** A multiaddr of one peer ID is two bytes of code, one of length, and the ID. */
const PEER_ID_HEADER = Uint8Array.of(0xa5, 0x03);

function encodeWhom({ peerID, address }: Whom): Uint8Array {
  const id = multiaddr(`/p2p/${peerID}`).bytes.subarray(PEER_ID_HEADER.length + 1);
  return encode([
    [1, id],
    [2, address === undefined ? undefined : multiaddr(address).bytes],
  ]);
}

function decodeWhom(bytes: Uint8Array | undefined): Whom {
  const fields = decode(bytes ?? new Uint8Array());
  const id = bytesOf(fields, 1) ?? new Uint8Array();
  const header = Buffer.concat([PEER_ID_HEADER, Uint8Array.of(id.length)]);
  const peerID = parse(Buffer.concat([header, id])).replace('/p2p/', '');
  if (!PEER_ID.test(peerID)) throw new RangeError('it names no peer');
  const address = bytesOf(fields, 2);
  return { peerID, address: address && parse(address) };
}

/** @throws RangeError */
export function parse(bytes: Uint8Array): string {
  try {
    return multiaddr(bytes).toString();
  } catch (cause) {
    throw new RangeError('it holds an address that is none', { cause });
  }
}

function expiryOf(reservation: Uint8Array | undefined): number | undefined {
  const seconds = reservation && numberOf(decode(reservation), 1);
  return seconds === undefined ? undefined : seconds * 1000;
}

export function numberOf(fields: Map<number, Value[]>, field: number): number | undefined {
  const value = fields.get(field)?.at(-1);
  return typeof value === 'number' ? value : undefined;
}

export function bytesOf(fields: Map<number, Value[]>, field: number): Uint8Array | undefined {
  const value = fields.get(field)?.[0];
  return typeof value === 'object' ? value : undefined;
}
