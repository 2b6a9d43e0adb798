const NAME = Buffer.from('HTTP/1.');
const ZERO = 0x30;

/** Bytes of a version. */
export const VERSION_BYTES = 'HTTP/1.1'.length;

/** What stands there as `HTTP/1.x`; undefined where it is another version, or none. Every message has one: no string is made of it. */
export function minorVersionAt(bytes: Uint8Array, at: number): 0 | 1 | undefined {
  for (let index = 0; index < NAME.length; index++) if (bytes[at + index] !== NAME[index]) return undefined;
  const minor = bytes[at + NAME.length]! - ZERO;
  return minor === 0 || minor === 1 ? minor : undefined;
}

/** The number that so many digits make; NaN where one of them is none. */
export function numberAt(bytes: Uint8Array, at: number, digits: number): number {
  let number = 0;
  for (let index = at; index < at + digits; index++) {
    const digit = bytes[index]! - ZERO;
    number = digit >= 0 && digit <= 9 ? 10 * number + digit : Number.NaN;
  }
  return number;
}
