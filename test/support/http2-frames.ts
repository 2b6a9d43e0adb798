import { connect, type Socket } from 'node:net';

/** Frames of HTTP/2 as an attacker writes them: RFC 9113, section 4.1. */

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export const Type = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const Flag = { endStream: 1, endHeaders: 4 } as const;

/** `GET https://a/`, in HPACK with the static table alone. */
export const GET = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 'a'.charCodeAt(0)]);

/** `POST https://a/` */
export const POST = Buffer.from([0x83, ...GET.subarray(1)]);

/** A header `x`, that the decoder is to remember, and how it is said again. */
export function remembered(value: string): { first: Buffer; again: Buffer } {
  // A length of seven bits, and the rest in groups of seven.
  const rest = value.length - 127;
  const length = [127, (rest & 127) | 128, (rest >> 7) & 127];
  return {
    first: Buffer.from([0x40, 1, 'x'.charCodeAt(0), ...length, ...Buffer.from(value)]),
    again: Buffer.from([0x80 | 62]),
  };
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A client that has said hello and does as it likes. */
export async function attacker(
  port: number,
): Promise<{ socket: Socket; closed: Promise<void>; got: () => Buffer }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // It is thrown out sooner or later.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(PREFACE);
  socket.write(frame(Type.settings, 0, 0));
  return { socket, closed, got: () => Buffer.concat(parts) };
}
