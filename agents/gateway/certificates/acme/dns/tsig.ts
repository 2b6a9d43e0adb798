import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  Class,
  decodeMessage,
  encodeName,
  encodeRecord,
  type ResourceRecord,
  Type,
  words,
} from './message.ts';

/** What two sides of an update share. */
export interface TsigKey {
  name: string;
  algorithm: TsigAlgorithm;
  secret: Buffer;
}

/** RFC 8945, 6: MD5 and SHA-1 are left out on purpose. */
const HASHES = { 'hmac-sha256': 'sha256', 'hmac-sha384': 'sha384', 'hmac-sha512': 'sha512' } as const;

export type TsigAlgorithm = keyof typeof HASHES;

/** How far two clocks may be apart, in seconds: what RFC 8945, 10 recommends. */
const FUDGE = 300;

export interface Signed {
  message: Buffer;
  /** The answer is signed together with it. */
  mac: Buffer;
}

export function isTsigAlgorithm(text: string): text is TsigAlgorithm {
  return Object.hasOwn(HASHES, text);
}

/** Adds the record that proves who sent a message (RFC 8945, 4). @param now milliseconds since the epoch. */
export function signMessage(message: Buffer, key: TsigKey, now: number, request?: Buffer): Signed {
  const seconds = Math.floor(now / 1000);
  const mac = macOf(
    message,
    key,
    { seconds, fudge: FUDGE, error: 0, otherLength: 0, other: Buffer.alloc(0) },
    request,
  );
  const data = Buffer.concat([
    encodeName(key.algorithm),
    timeSigned(seconds),
    words(FUDGE, mac.length),
    mac,
    message.subarray(0, 2),
    words(0, 0),
  ]);
  const record = encodeRecord({ name: key.name, type: Type.tsig, class: Class.any, ttl: 0, data });
  return { message: withAdditionals(Buffer.concat([message, record]), 1), mac };
}

/**
 * Whether the last record of a message proves that the owner of the key sent it, now, and in answer to `request`.
 * Undefined when it does; otherwise why not.
 */
export function objectionTo(bytes: Buffer, key: TsigKey, now: number, request?: Buffer): string | undefined {
  const { additionals } = decodeMessage(bytes);
  const last = additionals.at(-1);
  if (!last || !isSignature(last, key)) return 'it is not signed with our key';
  const fields = fieldsOf(last.data, key);
  const unsigned = withAdditionals(Buffer.from(bytes.subarray(0, last.offset)), additionals.length - 1);
  fields.originalID.copy(unsigned);
  const expected = macOf(unsigned, key, fields, request);
  if (expected.length !== fields.mac.length || !timingSafeEqual(expected, fields.mac))
    return 'its signature is wrong';
  if (Math.abs(now / 1000 - fields.seconds) > fields.fudge)
    return 'it was signed at another time: check the clocks';
  return undefined;
}

function isSignature({ name, type, class: recordClass, ttl, data }: ResourceRecord, key: TsigKey): boolean {
  const algorithm = encodeName(key.algorithm);
  return (
    type === Type.tsig &&
    recordClass === Class.any &&
    ttl === 0 &&
    name === key.name.toLowerCase() &&
    data.subarray(0, algorithm.length).toString('latin1').toLowerCase() === algorithm.toString('latin1')
  );
}

interface TsigVariables {
  /** Since the epoch. */
  seconds: number;
  fudge: number;
  error: number;
  /** As the message has it: it is signed, too. */
  otherLength: number;
  other: Buffer;
}

/** RFC 8945, 4.3.3. */
function macOf(message: Buffer, key: TsigKey, variables: TsigVariables, request?: Buffer): Buffer {
  const hmac = createHmac(HASHES[key.algorithm], key.secret);
  if (request) hmac.update(words(request.length)).update(request);
  return hmac
    .update(message)
    .update(encodeName(key.name))
    .update(words(Class.any, 0, 0))
    .update(encodeName(key.algorithm))
    .update(timeSigned(variables.seconds))
    .update(words(variables.fudge, variables.error, variables.otherLength))
    .update(variables.other)
    .digest();
}

/** The name of the algorithm is never compressed (RFC 8945, 4.2), so that what follows has a place. */
function fieldsOf(data: Buffer, key: TsigKey): TsigVariables & { mac: Buffer; originalID: Buffer } {
  const start = encodeName(key.algorithm).length;
  const macLength = data.readUInt16BE(start + 8);
  const end = start + 10 + macLength;
  return {
    seconds: data.readUIntBE(start, 6),
    fudge: data.readUInt16BE(start + 6),
    mac: data.subarray(start + 10, end),
    originalID: data.subarray(end, end + 2),
    error: data.readUInt16BE(end + 2),
    otherLength: data.readUInt16BE(end + 4),
    other: data.subarray(end + 6),
  };
}

function timeSigned(seconds: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(seconds, 0, 6);
  return bytes;
}

/** Sets how many additional records a message has. */
function withAdditionals(message: Buffer, count: number): Buffer {
  message.writeUInt16BE(count, 10);
  return message;
}
