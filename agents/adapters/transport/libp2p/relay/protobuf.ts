/**
 * The little of Protocol Buffers that circuit relay and DCUtR are written in: numbers and bytes by field.
 * Source of the format: https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const BYTES = 2;

/** Seven bits each: the largest number that is exact takes eight. */
const MAX_VARINT_BYTES = 8;

export type Value = number | Uint8Array;

/** @param fields Field number and value; those without a value are left out. */
export function encode(fields: readonly (readonly [field: number, value: Value | undefined])[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([field, value]) => (value === undefined ? [] : encodeField(field, value))),
  );
}

/** All values of each field. @throws RangeError on what is cut short, too large, or of another kind. */
export function decode(bytes: Uint8Array): Map<number, Value[]> {
  const fields = new Map<number, Value[]>();
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const { value, end } = readValue(bytes, tag.end, tag.value % 8);
    const field = Math.floor(tag.value / 8);
    fields.set(field, [...(fields.get(field) ?? []), value]);
    at = end;
  }
  return fields;
}

/** A number as it also stands before each message. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest > 127 ? 128 : 0));
    if (rest <= 127) return Uint8Array.from(bytes);
  }
}

/** @throws RangeError */
export function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new RangeError('a number is cut short');
    value += (byte % 128) * 128 ** index;
    if (byte < 128 && Number.isSafeInteger(value)) return { value, end: start + index + 1 };
  }
  throw new RangeError('a number is too large');
}

function encodeField(field: number, value: Value): Uint8Array[] {
  if (typeof value === 'number') return [varint(field * 8 + VARINT), varint(value)];
  return [varint(field * 8 + BYTES), varint(value.length), value];
}

function readValue(bytes: Uint8Array, start: number, type: number): { value: Value; end: number } {
  const first = readVarint(bytes, start);
  if (type === VARINT) return first;
  if (type !== BYTES) throw new RangeError(`a field is of type ${type}`);
  const end = first.end + first.value;
  if (end > bytes.length) throw new RangeError('a field is cut short');
  return { value: bytes.subarray(first.end, end), end };
}
