import {
  type CommonClaims,
  type RequestClaims,
  type ResponseClaims,
  requestClaims,
  responseClaims,
  type Schema,
} from '../../../api/protocol/claims.ts';
import { MAX_BODY_BYTES, MAX_ENVELOPE_BYTES, MAX_RESPONSE_BODY_BYTES } from '../../../api/protocol/limits.ts';
import { REQUEST_DOMAIN, RESPONSE_DOMAIN } from '../../../api/protocol/protocols.ts';
import { badFrame } from './errors.ts';
import { encodeFrame } from './frames.ts';

/** What may travel in one direction of a stream. */
export interface Direction<C extends CommonClaims> {
  domain: string;
  claims: Schema<C>;
  maxBodyBytes: number;
}

export const REQUESTS: Direction<RequestClaims> = {
  domain: REQUEST_DOMAIN,
  claims: requestClaims,
  maxBodyBytes: MAX_BODY_BYTES,
};

export const RESPONSES: Direction<ResponseClaims> = {
  domain: RESPONSE_DOMAIN,
  claims: responseClaims,
  maxBodyBytes: MAX_RESPONSE_BODY_BYTES,
};

/** Claims without those that the stream itself adds. */
export type Own<C> = C extends unknown ? Omit<C, keyof CommonClaims> : never;

/** The payload of a frame: length of the envelope (u32, big-endian), the envelope, and the body that it fixes. */
export interface Message {
  envelope: Uint8Array;
  body: Uint8Array;
}

const LENGTH_BYTES = 4;

/** The longest payload of a frame in a direction. */
export function maxMessageBytes({ maxBodyBytes }: { maxBodyBytes: number }): number {
  return LENGTH_BYTES + MAX_ENVELOPE_BYTES + maxBodyBytes;
}

/** The bytes of a message as they go over the wire, frame and all. */
export function encodeMessage({ envelope, body }: Message): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, envelope.length);
  return encodeFrame(length, envelope, body);
}

/** @throws StatusError when the payload of a frame is not an envelope and a body. */
export function decodeMessage(payload: Uint8Array): Message {
  if (payload.length < LENGTH_BYTES) throw badFrame(`a message of ${payload.length} bytes`);
  const length = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  if (length > MAX_ENVELOPE_BYTES || end > payload.length) throw badFrame(`an envelope of ${length} bytes`);
  return { envelope: payload.subarray(LENGTH_BYTES, end), body: payload.subarray(end) };
}
