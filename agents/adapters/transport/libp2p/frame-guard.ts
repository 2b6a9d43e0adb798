const HEADER_BYTES = 12;
const TYPE_OFFSET = 1;
const LENGTH_OFFSET = 8;
const DATA_FRAME = 0;

/**
 * Follows the frames of a yamux connection and refuses one that announces more than a window: the library
 * collects a frame whole before it looks at its length, up to 4 GiB of it.
 * Source of the format: https://github.com/hashicorp/yamux/blob/master/spec.md
 */
export class FrameGuard {
  readonly #maxBytes: number;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #bodyBytesLeft = 0;

  constructor(init: { maxBytes: number }) {
    this.#maxBytes = init.maxBytes;
  }

  /** Looks at the next bytes of the connection; false when they begin a frame that is too large. */
  accepts(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      at += this.#skipBody(bytes.length - at) || this.#readHeader(bytes.subarray(at));
      if (this.#bodyBytesLeft > this.#maxBytes) return false;
    }
    return true;
  }

  #skipBody(available: number): number {
    const skipped = Math.min(this.#bodyBytesLeft, available);
    this.#bodyBytesLeft -= skipped;
    return skipped;
  }

  #readHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEADER_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes = (this.#headerBytes + part.length) % HEADER_BYTES;
    const complete = this.#headerBytes === 0;
    if (complete && this.#header[TYPE_OFFSET] === DATA_FRAME)
      this.#bodyBytesLeft = this.#header.readUInt32BE(LENGTH_OFFSET);
    return part.length;
  }
}
