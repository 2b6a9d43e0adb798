/**
 * As much of DER (X.690) as a certificate needs, to write one and to find an extension in one. What OpenSSL has
 * already parsed is read here, so this need not judge it; it must only never read beyond it.
 */

export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** The optional members of a certificate: version and extensions. */
  context0: 0xa0,
  context3: 0xa3,
} as const;

export interface DerValue {
  tag: number;
  content: Buffer;
}

export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag), encodedLength(content.length), content]);
}

/** The values that stand one after the other in `bytes`. @throws RangeError when they do not fill them exactly. */
export function decodeDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const { start, length } = decodedLength(rest);
    if (start + length > rest.length) throw new RangeError('a DER value is longer than what holds it');
    values.push({ tag: rest[0] ?? 0, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return values;
}

function encodedLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  return length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff);
}

/** Of the value that `bytes` begin with: where its content starts, and how long it is. */
function decodedLength(bytes: Buffer): { start: number; length: number } {
  const first = bytes[1] ?? 0x80;
  if (first < 0x80) return { start: 2, length: first };
  const size = first & 0x7f;
  // Three bytes of length: 16 MiB, of which a TLS handshake never carries the half.
  if (size === 0 || size > 3 || bytes.length < 2 + size) throw new RangeError('a DER length is malformed');
  return { start: 2 + size, length: bytes.readUIntBE(2, size) };
}
