import { protocolError } from './errors.ts';
import { FrameType, HEADER_BYTES, MAX_OPEN_BYTES, PAYLOAD_BYTES } from './frames.ts';

/** What a decoder calls. Bytes are valid for as long as the call lasts, those of data for ever. */
export interface FrameHandler {
  /** The next bytes of a stream; a data frame is handed on as it comes, in pieces. */
  data(streamID: number, bytes: Buffer): void;
  /** Any other frame, whole. */
  control(type: FrameType, streamID: number, payload: Buffer): void;
}

/** Cuts bytes into frames, without copying data. Throws at the first frame that is none; not to be used after that. */
export class FrameDecoder {
  readonly #handler: FrameHandler;
  /** A frame that is cut by the end of a chunk, data aside. */
  readonly #partial = Buffer.allocUnsafe(HEADER_BYTES + MAX_OPEN_BYTES);
  #partialBytes = 0;
  #dataStreamID = 0;
  /** Of the data frame that has begun. */
  #dataBytesLeft = 0;

  constructor(components: { handler: FrameHandler }) {
    this.#handler = components.handler;
  }

  decode(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#dataBytesLeft > 0) at = this.#passData(chunk, at);
      else if (this.#partialBytes > 0) at = this.#complete(chunk, at);
      else at = this.#begin(chunk, at);
    }
  }

  #passData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#dataBytesLeft);
    this.#dataBytesLeft -= end - at;
    this.#handler.data(this.#dataStreamID, chunk.subarray(at, end));
    return end;
  }

  /** Reads a frame where it stands; what is not all there is kept for {@link #complete}. */
  #begin(chunk: Buffer, at: number): number {
    const here = chunk.length - at;
    const size = here < HEADER_BYTES ? HEADER_BYTES : checkedSize(chunk, at);
    if (here < size) return this.#keep(chunk, at, size);
    this.#frame(chunk, at, size);
    return at + size;
  }

  #complete(chunk: Buffer, at: number): number {
    const header = this.#partialBytes < HEADER_BYTES;
    const size = header ? HEADER_BYTES : checkedSize(this.#partial, 0);
    const end = this.#keep(chunk, at, size);
    if (this.#partialBytes < size) return end;
    // The header has just become whole: only now is known how much belongs to it.
    if (header && checkedSize(this.#partial, 0) > size) return end;
    this.#partialBytes = 0;
    this.#frame(this.#partial, 0, size);
    return end;
  }

  #keep(chunk: Buffer, at: number, size: number): number {
    const end = Math.min(chunk.length, at + size - this.#partialBytes);
    this.#partialBytes += chunk.copy(this.#partial, this.#partialBytes, at, end);
    return end;
  }

  #frame(bytes: Buffer, at: number, size: number): void {
    const type = bytes[at] as FrameType;
    const streamID = bytes.readUInt32BE(at + 4);
    if (type === FrameType.data) {
      this.#dataStreamID = streamID;
      this.#dataBytesLeft = payloadLength(bytes, at);
    } else this.#handler.control(type, streamID, bytes.subarray(at + HEADER_BYTES, at + size));
  }
}

/** Bytes of the frame that begins here, of a data frame those of its header. */
function checkedSize(bytes: Buffer, at: number): number {
  const type = bytes[at] ?? 0;
  const length = payloadLength(bytes, at);
  const [least, most] = PAYLOAD_BYTES[type] ?? [];
  if (least === undefined || most === undefined)
    throw protocolError(`it sent a frame of unknown type ${type}`);
  if (length < least || length > most)
    throw protocolError(`it sent a frame of type ${type} with ${length} bytes`);
  return type === FrameType.data ? HEADER_BYTES : HEADER_BYTES + length;
}

function payloadLength(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at + 1, 3);
}
