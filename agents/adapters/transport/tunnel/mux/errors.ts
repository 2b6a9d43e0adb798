import { type ResetReason, TunnelError } from '../tunnel.ts';

/** @param what A sentence about what the other side did. */
export function protocolError(what: string): TunnelError {
  return new TunnelError('ProtocolError', `the tunnel was closed: ${what}`);
}

/** @param why A clause that ends the sentence. */
export function tunnelLost(why: string): TunnelError {
  return new TunnelError('TunnelLost', `the tunnel was lost: ${why}`);
}

const MEANINGS: Record<ResetReason, string> = {
  Cancelled: 'it lost interest',
  NoRoute: 'it does not offer what was asked for',
  NotReady: 'what was asked for is not ready',
  ConnectFailed: 'what was asked for did not accept the connection',
  TooManyStreams: 'too many streams are open',
  InternalError: 'it failed',
};

/** The other side refused the stream or broke it off. */
export function streamReset(reason: ResetReason): TunnelError {
  return new TunnelError(reason, `the other side broke off the stream: ${MEANINGS[reason]}`);
}

/** Our own side did. */
export function streamRefused(reason: ResetReason): TunnelError {
  return new TunnelError(reason, `the stream was refused: ${reason}`);
}

export function tooManyStreams(limit: number): TunnelError {
  return new TunnelError('TooManyStreams', `${limit} streams are open: wait until one has closed`);
}
