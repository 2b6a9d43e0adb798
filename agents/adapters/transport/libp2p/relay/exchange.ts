import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import { readVarint, varint } from './protobuf.ts';

/** As the specification of circuit relay demands; ours are about 200. */
const MAX_MESSAGE_BYTES = 4096;

/** Two bytes say how long a message of that size is. */
const MAX_PREFIX_BYTES = 2;

/** Sends a message with its length before it. */
export function send(stream: Stream, message: Uint8Array): void {
  stream.send(Buffer.concat([varint(message.length), message]));
}

/**
 * The next message. Whoever asks must not be told more than was asked for: one that has more behind it is
 * refused, so that nothing is lost when the stream becomes something else.
 */
export function receive(stream: Stream, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  let bytes = Buffer.alloc(0);
  const settle = (act: () => void) => {
    // At once: what comes next is for the next reader, and waits in the stream for it.
    stream.removeEventListener('message', onMessage);
    stream.removeEventListener('close', onEnd);
    stream.removeEventListener('remoteCloseWrite', onEnd);
    signal.removeEventListener('abort', onAbort);
    act();
  };
  const onMessage = ({ data }: StreamMessageEvent) => {
    bytes = Buffer.concat([bytes, data.subarray()]);
    try {
      const message = unprefixed(bytes);
      if (message) settle(() => resolve(message));
    } catch (error) {
      settle(() => reject(error));
    }
  };
  const onEnd = () => settle(() => reject(new Error('the stream ended before its message')));
  const onAbort = () => settle(() => reject(signal.reason));
  stream.addEventListener('message', onMessage);
  stream.addEventListener('close', onEnd);
  // What came before it is handed out only after this turn.
  if (stream.readBufferLength === 0) stream.addEventListener('remoteCloseWrite', onEnd);
  signal.addEventListener('abort', onAbort);
  const isOver = stream.status !== 'open' || stream.remoteWriteStatus === 'closed';
  if (signal.aborted) onAbort();
  else if (isOver && stream.readBufferLength === 0) onEnd();
  return promise;
}

/** Undefined while it is incomplete. @throws RangeError */
function unprefixed(bytes: Uint8Array): Uint8Array | undefined {
  const isPrefixComplete = bytes.subarray(0, MAX_PREFIX_BYTES).some((byte) => byte < 128);
  if (!isPrefixComplete && bytes.length < MAX_PREFIX_BYTES) return undefined;
  const { value: length, end } = readVarint(bytes.subarray(0, MAX_PREFIX_BYTES), 0);
  if (length > MAX_MESSAGE_BYTES) throw new RangeError('a message is too large');
  if (bytes.length > end + length) throw new RangeError('more was sent than was asked for');
  return bytes.length === end + length ? bytes.subarray(end) : undefined;
}
