/** Classes of bytes; each is a bit, so that one look into a table answers all questions. */

/** Part of a token: method, header name. RFC 9110 section 5.6.2. */
export const TOKEN = 1;
/** Part of a header value: HTAB, SP, visible ASCII and bytes beyond. RFC 9110 section 5.5. */
export const VALUE = 2;
/** Part of a start line: as above, without HTAB. */
export const TEXT = 4;
/** Part of a request target: visible ASCII without `#`, since a fragment is never sent. */
export const TARGET = 8;
/** Part of a DNS name as it is found in Host. */
export const NAME = 16;
/** Hexadecimal digit. */
export const HEX = 32;
/** Part of a chunk extension that we let pass: no space, no quote, so no parser can end it elsewhere. */
export const EXTENSION = 64;

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DASH = 0x2d;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const UNDERSCORE = 0x5f;

const ALPHANUMERIC = /[0-9A-Za-z]/;

const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const visible = byte > SP && byte < 0x7f;
  const token = ALPHANUMERIC.test(character) || (visible && "!#$%&'*+-.^_`|~".includes(character));
  let classes = token ? TOKEN : 0;
  if (byte >= SP && byte !== 0x7f) classes |= VALUE | TEXT;
  if (byte === HTAB) classes |= VALUE;
  if (visible && character !== '#') classes |= TARGET;
  if (ALPHANUMERIC.test(character) || '-._'.includes(character)) classes |= NAME;
  if (/[0-9A-Fa-f]/.test(character)) classes |= HEX;
  if (token || character === '=' || character === ';') classes |= EXTENSION;
  return classes;
});

/** The first position from `at` on, at most `end`, whose byte is not of the class. */
export function skip(bytes: Uint8Array, at: number, end: number, characterClass: number): number {
  while (at < end && (CLASSES[bytes[at]!]! & characterClass) !== 0) at++;
  return at;
}
