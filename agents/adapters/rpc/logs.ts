import { isStatusError, type StatusError } from '../../../api/meta/status-error.ts';
import type { RequestClaims } from '../../../api/protocol/claims.ts';
import { MAX_LOG_CONTAINERS, MAX_LOG_FRAME_BYTES } from '../../../api/protocol/limits.ts';
import {
  type LogFrame,
  type LogQuery,
  logFrame,
  type RemoteLogLine,
} from '../../../api/protocol/log-messages.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import { tooMuch } from '../../../api/protocol/shown.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { type ClientComponents, openChannel } from './client-stream.ts';
import { fromFailure, withCause } from './errors.ts';
import { FrameReader } from './frames.ts';
import { LogCursor } from './log-cursor.ts';
import { REQUESTS } from './message.ts';
import { Patience } from './patience.ts';
import { understand } from './remote-body.ts';
import { newNonce } from './request.ts';
import { SignedWriter } from './signed-writer.ts';

/**
 * The logs of one of our Deployments on a peer. When the stream breaks it goes on where it was, without
 * loss or repeats; a container that had not shown a line begins again. Ends when the logs do, or by the
 * signal. Rejects with the peer's StatusError, or with `ServiceUnavailable` when the peer cannot be
 * reached: at the first attempt at once, later after LOG_RESUME_TIMEOUT_MS.
 * @param onLost Told each time that the stream broke and is opened again.
 */
export async function* readLogs(
  components: ClientComponents,
  peerID: string,
  query: LogQuery,
  signal: AbortSignal,
  onLost?: (error: Error) => void,
): AsyncGenerator<RemoteLogLine> {
  const { namespace, name, ...request } = query;
  const cursor = new LogCursor(request);
  const patience = new Patience(components);
  while (!signal.aborted) {
    let contacted = false;
    try {
      const channel = await openChannel(components, peerID, LOGS_PROTOCOL, signal);
      contacted = true;
      for await (const frame of readFrames(
        components,
        channel,
        { namespace, name, ...cursor.resume() },
        signal,
      )) {
        if (frame.type === 'error') throw fromFailure(frame.error);
        patience.reward();
        for (const line of frame.lines) if (cursor.accept(line)) yield line;
        if (cursor.containers > MAX_LOG_CONTAINERS)
          throw tooMuch(peerID, `the logs of more than ${MAX_LOG_CONTAINERS} containers`);
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (contacted) patience.renew();
      if (!isLost(error) || patience.exhausted) throw error;
      onLost?.(error);
      await patience.wait(signal);
    }
  }
}

/** Only a stream that broke is worth another attempt: what the peer said it would say again. */
function isLost(error: unknown): error is StatusError {
  return isStatusError(error, 'ServiceUnavailable') && error.details.cause === Reason.PeerUnreachable;
}

/** Asks, and reads what comes until the peer closes the stream. */
async function* readFrames(
  components: ClientComponents,
  channel: Channel,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogFrame> {
  const stop = () => channel.abort(new Error('the reader of the logs ended'));
  signal.addEventListener('abort', stop);
  try {
    const { namespace, name, ...body } = query;
    const claims = { verb: 'logs', kind: 'Deployment', namespace, name, nonce: newNonce() } as const;
    await new SignedWriter<RequestClaims>({ ...components, channel }, REQUESTS).send(claims, body);
    const frames = new FrameReader({ ...components, channel }, { maxBytes: MAX_LOG_FRAME_BYTES });
    for (let bytes = await frames.read(); bytes; bytes = await frames.read())
      yield understand(logFrame, bytes, channel.remotePeer);
  } catch (error) {
    throw withCause(error, channel.remotePeer);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
