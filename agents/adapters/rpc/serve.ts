import { isStatusError } from '../../../api/meta/status-error.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Channel, Transport } from '../../../controllers/ports/transport.ts';

/**
 * Serves a protocol until `signal` ends it. Each channel gets a signal of its own, which also ends when
 * the channel does; whatever `serve` rejects with costs the peer its channel.
 */
export function serveProtocol(
  { transport, logger }: { transport: Transport; logger: Logger },
  protocol: string,
  signal: AbortSignal,
  serve: (channel: Channel, signal: AbortSignal) => Promise<void>,
): void {
  transport.handle(protocol, async (channel) => {
    signal.throwIfAborted();
    const ending = new AbortController();
    const stop = () => {
      ending.abort(signal.reason);
      channel.abort(new Error('the server stopped'));
    };
    signal.addEventListener('abort', stop);
    void channel.closed.then(() => ending.abort());
    try {
      await serve(channel, ending.signal);
    } catch (error) {
      report(logger, channel.remotePeer, protocol, error);
      throw error;
    } finally {
      ending.abort();
      signal.removeEventListener('abort', stop);
    }
  });
}

/** A peer that speaks wrongly is worth a warning; one that went away is not. */
function report(logger: Logger, peer: string, protocol: string, error: unknown): void {
  const { message } = error as Error;
  if (isStatusError(error, 'Unauthorized'))
    logger.warn('a stream was dropped', { peer, protocol, reason: error.conditionReason, message });
  else logger.debug('a stream broke', { peer, protocol, message });
}
