import { FrameDecoder } from '../../agents/adapters/transport/tunnel/mux/frame-decoder.ts';
import { HEADER_BYTES } from '../../agents/adapters/transport/tunnel/mux/frames.ts';

/** A frame as it was understood. */
export interface SeenFrame {
  type: number;
  streamID: number;
  payload: Buffer;
}

/** The bytes of a frame, however wrong. @param length What its header says. Default: the truth. */
export function frame(
  type: number,
  streamID: number,
  payload: Uint8Array = new Uint8Array(),
  length = payload.length,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(type);
  header.writeUIntBE(length, 1, 3);
  header.writeUInt32BE(streamID, 4);
  return Buffer.concat([header, payload]);
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What a decoder makes of chunks; data that came in pieces is put together again, type 3. */
export function decodeAll(chunks: readonly Buffer[], seen: SeenFrame[] = []): SeenFrame[] {
  const decoder = new FrameDecoder({
    handler: {
      data: (streamID, bytes) => {
        const last = seen.at(-1);
        if (last?.type === 3 && last.streamID === streamID)
          last.payload = Buffer.concat([last.payload, bytes]);
        else seen.push({ type: 3, streamID, payload: Buffer.from(bytes) });
      },
      control: (type, streamID, payload) => seen.push({ type, streamID, payload: Buffer.from(payload) }),
    },
  });
  for (const chunk of chunks) decoder.decode(chunk);
  return seen;
}
