import { MAX_JSON_DEPTH } from '../../../api/protocol/limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([...'[{'].map((bracket) => bracket.charCodeAt(0)));
const CLOSING = new Set([...']}'].map((bracket) => bracket.charCodeAt(0)));

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/**
 * Parses bytes of another machine. They must be UTF-8, and not be nested so deep that a recursive
 * function would overflow its stack on the result.
 * @throws RangeError or what the parser throws; never anything that ends the process.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  if (depthOf(bytes) > MAX_JSON_DEPTH)
    throw new RangeError(`JSON is nested more than ${MAX_JSON_DEPTH} levels deep`);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/** How many brackets are open at most, strings left out; one pass over the bytes. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (quoted && byte === BACKSLASH) at++;
    else if (byte === QUOTE) quoted = !quoted;
    else if (!quoted && OPENING.has(byte)) deepest = Math.max(deepest, ++depth);
    else if (!quoted && CLOSING.has(byte)) depth--;
  }
  return deepest;
}
