import { type FrameType, HEADER_BYTES, FrameType as Type } from './frames.ts';

/** Small frames are written one behind the other into memory of this size, so that a tick's worth is one write. */
const SLAB_BYTES = 64 * 1024;

/** Data up to here is copied, which is cheaper than one more buffer in a write; larger is passed on as it is. */
const COPY_BYTES = 4 * 1024;

/** Frames on their way out, gathered into as few buffers as copying nothing large allows. */
export class FrameBatch {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** What was written into the slab since the last part. */
  #from = 0;
  #to = 0;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** Of all frames in it. */
  get bytes(): number {
    return this.#bytes;
  }

  data(streamID: number, bytes: Buffer): void {
    const copied = bytes.length <= COPY_BYTES;
    this.#header(Type.data, streamID, bytes.length, copied ? bytes.length : 0);
    if (copied) this.#copy(bytes);
    else {
      this.#cut();
      this.#parts.push(bytes);
    }
    this.#bytes += bytes.length;
  }

  /** A frame whose payload, if any, is bytes. */
  control(type: FrameType, streamID: number, payload?: Uint8Array): void {
    const length = payload?.length ?? 0;
    this.#header(type, streamID, length, length);
    if (payload) this.#copy(payload);
    this.#bytes += length;
  }

  /** A frame whose payload is numbers (u32). */
  numbers(type: FrameType, streamID: number, ...values: readonly number[]): void {
    const length = 4 * values.length;
    this.#header(type, streamID, length, length);
    for (const value of values) this.#to = this.#slab.writeUInt32BE(value, this.#to);
    this.#bytes += length;
  }

  /** Empties it. What it answers is not written to again. */
  take(): Buffer[] {
    this.#cut();
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }

  /** @param room What is written to the slab right behind it. */
  #header(type: FrameType, streamID: number, length: number, room: number): void {
    if (this.#to + HEADER_BYTES + room > SLAB_BYTES) this.#renew();
    const slab = this.#slab;
    slab.writeUInt32BE(type * 2 ** 24 + length, this.#to);
    slab.writeUInt32BE(streamID, this.#to + 4);
    this.#to += HEADER_BYTES;
    this.#bytes += HEADER_BYTES;
  }

  #copy(bytes: Uint8Array): void {
    this.#slab.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  #cut(): void {
    if (this.#to > this.#from) this.#parts.push(this.#slab.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #renew(): void {
    this.#cut();
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#from = 0;
    this.#to = 0;
  }
}
