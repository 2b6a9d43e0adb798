import { FRAME_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { withDeadline } from './deadline.ts';
import { badFrame, peerLost } from './errors.ts';

/** Length of what follows: u32, big-endian. */
const HEADER_BYTES = 4;

/** A length is only a claim: so much is reserved for it before bytes have come. */
const FIRST_RESERVATION_BYTES = 64 * 1024;

interface Components {
  channel: Channel;
  clock: Clock;
}

/**
 * Cuts the bytes of a channel into frames. One that is too long, too slow or cut off rejects; the
 * reader cannot be used after that.
 */
export class FrameReader {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();

  constructor({ channel, clock }: Components, { maxBytes }: { maxBytes: number }) {
    this.#channel = channel;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  /**
   * The next frame without its length, or undefined after the other side closed its half.
   * @param patience How long the first byte may take, in milliseconds. Default: for ever.
   */
  async read(patience?: number): Promise<Uint8Array | undefined> {
    const begun = this.#begin();
    const late = () => peerLost(this.#channel.remotePeer, `nothing came for ${patience} ms`);
    if (!(await (patience === undefined ? begun : withDeadline(this.#clock, patience, begun, late))))
      return undefined;
    const tooSlow = () => badFrame(`a frame took longer than ${FRAME_TIMEOUT_MS} ms`);
    return withDeadline(this.#clock, FRAME_TIMEOUT_MS, this.#finish(), tooSlow);
  }

  /** Waits for the first byte of a frame; false when none will come. */
  async #begin(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const chunk = await this.#channel.read();
      if (!chunk) return false;
      this.#rest = chunk;
    }
    return true;
  }

  async #finish(): Promise<Uint8Array> {
    const length = view(await this.#take(HEADER_BYTES)).getUint32(0);
    if (length > this.#maxBytes)
      throw badFrame(`a frame of ${length} bytes; at most ${this.#maxBytes} are allowed`);
    return this.#take(length);
  }

  async #take(length: number): Promise<Uint8Array> {
    let bytes = new Uint8Array(Math.min(length, FIRST_RESERVATION_BYTES));
    for (let filled = 0; filled < length; ) {
      if (!(await this.#begin())) throw badFrame('the stream ended within a frame');
      if (filled === bytes.length) bytes = grow(bytes, Math.min(length, 2 * filled));
      const part = this.#rest.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }
}

/** The bytes of a frame: its length, and its parts one after the other. */
export function encodeFrame(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + length);
  view(bytes).setUint32(0, length);
  let at = HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function grow(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
