import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';

/** What opening or using a channel can fail with; `cause` tells the user whose move it is. */

export function peerNotTrusted(peerID: string): StatusError {
  const message = `peer ${peerID} is not trusted here: add a TrustedPeer with this peerID`;
  return new StatusError('Forbidden', message, { cause: Reason.PeerNotTrusted });
}

export function notTrustedByPeer(peerID: string): StatusError {
  const message = `peer ${peerID} closed the connection when it learned who we are: its owner must add our peer ID as a TrustedPeer`;
  return new StatusError('Forbidden', message, { cause: Reason.NotTrustedByPeer });
}

/** @param why A clause that ends the sentence, such as `no address of it is known`. */
export function peerUnreachable(peerID: string, why: string): StatusError {
  const message = `peer ${peerID} is unreachable: ${why}`;
  return new StatusError('ServiceUnavailable', message, { cause: Reason.PeerUnreachable });
}

export function incompatibleVersion(peerID: string, protocol: string): StatusError {
  const message = `peer ${peerID} does not speak ${protocol}: one of the two programs must be updated`;
  return new StatusError('BadRequest', message, { cause: Reason.IncompatibleVersion });
}

export function tooManyChannels(peerID: string, limit: number): StatusError {
  return new StatusError('TooManyRequests', `${limit} channels to peer ${peerID} are open: close one first`);
}

export function connectionLost(peerID: string): StatusError {
  const message = `the connection to peer ${peerID} was lost: bytes may be missing`;
  return new StatusError('ServiceUnavailable', message, { cause: Reason.PeerUnreachable });
}

export function channelAborted(peerID: string): StatusError {
  return new StatusError('ServiceUnavailable', `peer ${peerID} aborted the channel: bytes may be missing`);
}

/** Misuse by our own side. */
export function channelClosed(): StatusError {
  return new StatusError('BadRequest', 'the channel was closed on this side: nothing more can be written');
}

export function notRunning(): StatusError {
  return new StatusError('ServiceUnavailable', 'the transport is not running: start it first');
}
