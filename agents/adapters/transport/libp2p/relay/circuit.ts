import type { MultiaddrConnection, Stream } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';

/**
 * A stream through a relay as a connection, which Noise and a muxer then make one between the two ends: the
 * relay carries ciphertext. To be called before the other end can have sent anything.
 */
export function circuitOver(stream: Stream, remoteAddr: Multiaddr): MultiaddrConnection {
  // As a TCP connection does here: when one half ends, so does the other.
  stream.addEventListener('remoteCloseWrite', () => {
    stream.close().catch((error: Error) => stream.abort(error));
  });
  // What queues here belongs to many streams inside, each of which has a bound of its own, as over TCP.
  stream.maxWriteBufferLength = Number.POSITIVE_INFINITY;
  return Object.assign(stream, { remoteAddr });
}
