import { DASH, UNDERSCORE } from '../characters.ts';

/** Headers that mean something to a relay. All others are copied unseen. Fewer than 32: heads keep a bit for each. */
export const Field = {
  other: 0,
  authorization: 1,
  connection: 2,
  contentLength: 3,
  cookie: 4,
  expect: 5,
  forwarded: 6,
  host: 7,
  http2Settings: 8,
  keepAlive: 9,
  proxy: 10,
  realIp: 11,
  requestId: 12,
  setCookie: 13,
  strictTransportSecurity: 14,
  te: 15,
  transferEncoding: 16,
  upgrade: 17,
  xForwarded: 18,
  xForwardedFor: 19,
  xForwardedHost: 20,
  xForwardedProto: 21,
} as const;

export type Field = (typeof Field)[keyof typeof Field];

export const FIELD_COUNT = Object.keys(Field).length;

interface KnownName {
  name: Uint8Array;
  field: Field;
}

const known = (name: string, field: Field): KnownName => ({ name: Buffer.from(name), field });

const NAMES: readonly KnownName[] = [
  known('authorization', Field.authorization),
  known('connection', Field.connection),
  known('content-length', Field.contentLength),
  known('cookie', Field.cookie),
  known('expect', Field.expect),
  known('forwarded', Field.forwarded),
  known('host', Field.host),
  known('http2-settings', Field.http2Settings),
  known('keep-alive', Field.keepAlive),
  // CGI programs find it as HTTP_PROXY, where libraries look for the proxy to use.
  known('proxy', Field.proxy),
  known('x-real-ip', Field.realIp),
  known('x-request-id', Field.requestId),
  known('set-cookie', Field.setCookie),
  known('strict-transport-security', Field.strictTransportSecurity),
  known('te', Field.te),
  known('transfer-encoding', Field.transferEncoding),
  known('upgrade', Field.upgrade),
  known('x-forwarded-for', Field.xForwardedFor),
  known('x-forwarded-host', Field.xForwardedHost),
  known('x-forwarded-proto', Field.xForwardedProto),
];

const PREFIXES: readonly KnownName[] = [
  known('proxy-', Field.proxy),
  known('x-forwarded-', Field.xForwarded),
];

const LONGEST = Math.max(...NAMES.map(({ name }) => name.length));
const BY_LENGTH = Array.from({ length: LONGEST + 1 }, (_, length) =>
  NAMES.filter(({ name }) => name.length === length),
);

/** Which header a name is. `_` counts as `-`: CGI, WSGI and PHP cannot tell the two apart. */
export function recognize(bytes: Uint8Array, start: number, end: number): Field {
  const candidates = end - start <= LONGEST ? BY_LENGTH[end - start]! : [];
  for (const { name, field } of candidates) if (startsWith(bytes, start, name)) return field;
  for (const { name, field } of PREFIXES)
    if (end - start > name.length && startsWith(bytes, start, name)) return field;
  return Field.other;
}

/** Whether the bytes from `start` on are `name`, whose letters are small, in any case. The bytes are token characters. */
export function startsWith(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) {
    const byte = bytes[start + index]!;
    // Bit 6 tells A from a. Of the token characters that are no letters, none becomes another that a name has.
    if ((byte | 0x20) !== name[index] && !(byte === UNDERSCORE && name[index] === DASH)) return false;
  }
  return true;
}
