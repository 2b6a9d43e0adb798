import { yamux } from '@chainsafe/libp2p-yamux';
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import { FrameGuard } from './frame-guard.ts';
import type { Limits } from './limits.ts';

type Ping = () => Promise<unknown>;

/** yamux with the bounds that it lacks: on frames, on answers nobody reads, and on silence. */
export function boundedYamux(clock: Clock, limits: Limits): () => StreamMuxerFactory {
  const factory = yamux({
    // Its own keep-alive pings but draws no conclusion from silence.
    enableKeepAlive: false,
    maxInboundStreams: limits.maxStreamsPerPeer,
    maxOutboundStreams: limits.maxStreamsPerPeer,
    // A peer may open all its streams at once, before the connection is announced to us.
    maxEarlyStreams: limits.maxStreamsPerPeer,
    streamOptions: {
      maxStreamWindowSize: limits.maxStreamWindowBytes,
      maxReadBufferLength: limits.maxReadBufferBytes,
      maxWriteBufferLength: limits.maxWriteBufferBytes,
    },
  })();
  return () => ({
    protocol: factory.protocol,
    createStreamMuxer: (connection) => {
      // Before the muxer is made, so that the guard sees each byte first.
      guard(connection, limits);
      const muxer = factory.createStreamMuxer(connection);
      keepAlive(connection, () => muxer.ping(), clock, limits);
      return muxer;
    },
  });
}

function guard(connection: MessageStream, limits: Limits): void {
  const frames = new FrameGuard({ maxBytes: limits.maxStreamWindowBytes });
  connection.addEventListener('message', (event) => {
    const unread = connection.writeBufferLength > limits.maxConnectionWriteBufferBytes;
    if (!unread && frames.accepts(event.data.subarray())) return;
    event.stopImmediatePropagation();
    connection.abort(new Error(unread ? 'the peer does not read what it asks for' : 'a frame is too large'));
  });
}

/** Any byte is a sign of life: behind a large transfer a pong may be late, and a clock may jump. */
function keepAlive(connection: MessageStream, ping: Ping, clock: Clock, limits: Limits): void {
  let misses = 0;
  let cancel = () => {};
  const beat = () => {
    if (misses === limits.keepAliveMisses) return connection.abort(new Error('the peer has fallen silent'));
    misses += 1;
    // It fails only when the connection is closing; whether an answer comes is seen below.
    ping().catch(() => undefined);
    cancel = clock.after(limits.keepAliveMs, beat);
  };
  connection.addEventListener('message', () => {
    misses = 0;
  });
  connection.addEventListener('close', () => cancel());
  // At once: it tells a dialler that it was let in, and measures the round trip that windows grow by.
  beat();
}
