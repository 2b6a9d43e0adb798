import { MAX_JSON_DEPTH, MAX_JSON_ITEMS } from '../../../api/protocol/limits.ts';

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/**
 * Parses bytes of another machine. They must be UTF-8, not be nested so deep that a recursive function
 * would overflow its stack on the result, and not hold more than can be checked in little time.
 * @throws RangeError or what the parser throws; never anything that ends the process.
 */
export function decodeJson(bytes: Uint8Array, maxItems: number = MAX_JSON_ITEMS): unknown {
  const { depth, items } = measure(bytes);
  if (depth > MAX_JSON_DEPTH) throw new RangeError(`JSON is nested more than ${MAX_JSON_DEPTH} levels deep`);
  if (items > maxItems) throw new RangeError(`JSON has more than ${maxItems} members and items`);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/** How deep brackets are nested and how many commas there are, text left out; one pass over the bytes. */
function measure(bytes: Uint8Array): { depth: number; items: number } {
  let [open, depth, items, quoted] = [0, 0, 0, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) quoted = !quoted;
    else if (quoted) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x5b || byte === 0x7b) open++;
    else if (byte === 0x5d || byte === 0x7d) open--;
    else if (byte === 0x2c) items++;
    if (open > depth) depth = open;
  }
  return { depth, items };
}
