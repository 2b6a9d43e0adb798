/** One protocol ID per kind of stream; the version moves when its messages become incompatible. */
export const STORE_PROTOCOL = '/peercompute/store/1.0.0';
export const LOGS_PROTOCOL = '/peercompute/logs/1.0.0';
export const TUNNEL_PROTOCOL = '/peercompute/tunnel/1.0.0';

/** A tunnel to one of the worker processes of a gateway; the first is meant where none is named. */
export function tunnelProtocol(slot: number): string {
  return slot === 0 ? TUNNEL_PROTOCOL : `${TUNNEL_PROTOCOL}/${slot}`;
}

/**
 * Signature domains (libp2p RFC 0002), one per kind of message: an envelope made for one can never
 * pass for another.
 */
export const REQUEST_DOMAIN = 'peercompute-request';
export const RESPONSE_DOMAIN = 'peercompute-response';
