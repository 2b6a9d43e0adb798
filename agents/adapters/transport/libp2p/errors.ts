import { StatusError } from '../../../../api/meta/status-error.ts';
import {
  channelAborted,
  incompatibleVersion,
  notTrustedByPeer,
  peerUnreachable,
  tooManyChannels,
} from '../errors.ts';

/** What libp2p calls a failure, in words for whoever dialled. It tells errors apart by name only. */
const explanations: Record<string, string> = {
  TimeoutError: 'no answer in time',
  AbortError: 'no answer in time',
  NoValidAddressesError: 'none of its addresses can be dialled',
  ConnectionClosedError: 'it closed the connection',
};

/**
 * Why a dial failed.
 * @param proven The peer had proven its ID to us, so it knew ours when it closed.
 */
export function dialError(peerID: string, error: Error, proven: boolean): StatusError {
  return proven ? notTrustedByPeer(peerID) : peerUnreachable(peerID, explain(error));
}

/**
 * Why a stream could not be opened over a connection that works; undefined when the connection does not.
 * @param limit Streams that one peer may have.
 */
export function streamError(
  peerID: string,
  protocol: string,
  error: Error,
  limit: number,
): StatusError | undefined {
  switch (error.name) {
    case 'UnsupportedProtocolError':
      return incompatibleVersion(peerID, protocol);
    case 'TooManyOutboundProtocolStreamsError':
      return tooManyChannels(peerID, limit);
    case 'TimeoutError':
    case 'AbortError':
      return peerUnreachable(peerID, 'no answer in time');
    case 'StreamResetError':
      return channelAborted(peerID);
    default:
      return undefined;
  }
}

/** Why the node cannot listen; libp2p answers one text with the stack of each failure in it. */
export function listenError(listen: readonly string[], error: Error): StatusError {
  const [reason] = error.message.match(/(listen|bind|getaddrinfo) E\w+.*/) ?? [error.message.split('\n')[0]];
  return new StatusError('Invalid', `cannot listen on ${listen.join(', ')}: ${reason}`);
}

/** A clause for a person. */
export function explain(error: Error): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(explain))].join('; ');
  if (error.name === 'EncryptionFailedError') return explainHandshake(error.message);
  // Before the words of the kernel, which name the address too.
  return explanations[error.name] ?? error.message.replace(/^connection error \S+: /, '');
}

/** Of a failure during Noise only its text is left. */
function explainHandshake(message: string): string {
  if (message.includes('does not match expected remote identity key'))
    return 'another peer answers at its address';
  if (message.includes('timeout')) return 'no answer in time';
  return 'what answers closed the connection, or is no peer';
}
