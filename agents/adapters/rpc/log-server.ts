import { isStatusError, StatusError } from '../../../api/meta/status-error.ts';
import { FIRST_REQUEST_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import {
  type LogFrame,
  type LogQuery,
  logRequest,
  type RemoteLogLine,
} from '../../../api/protocol/log-messages.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Channel, Transport } from '../../../controllers/ports/transport.ts';
import { toFailure } from './errors.ts';
import { encodeFrame } from './frames.ts';
import { encodeJson } from './json.ts';
import { batches } from './log-batches.ts';
import { REQUESTS } from './message.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { checkRequest, readBody, type SignedRequest } from './request.ts';
import { serveProtocol } from './serve.ts';
import { SignedReader } from './signed-reader.ts';
import type { Signer } from './signed-writer.ts';

export interface LogServerComponents {
  transport: Transport;
  identity: Signer;
  clock: Clock;
  logger: Logger;
  replayGuard: ReplayGuard;
  /**
   * The lines of an owner's containers, each container's in order. Rejects with the StatusError that the
   * peer is told. Ends when the lines do, or by the signal. A container named in `resume` begins there
   * instead of with `since` and `tail`.
   */
  open(owner: string, query: LogQuery, signal: AbortSignal): AsyncIterable<RemoteLogLine>;
}

/** Sends peers the logs of their own containers. */
export class LogServer {
  readonly #components: LogServerComponents;
  readonly #version: string;

  constructor(components: LogServerComponents, init: { version: string }) {
    this.#components = components;
    this.#version = init.version;
  }

  async start(signal: AbortSignal): Promise<void> {
    serveProtocol(this.#components, LOGS_PROTOCOL, signal, (channel, ending) => this.#serve(channel, ending));
  }

  async #serve(channel: Channel, signal: AbortSignal): Promise<void> {
    const { clock, open } = this.#components;
    const request = await new SignedReader({ channel, clock }, REQUESTS).receive(FIRST_REQUEST_TIMEOUT_MS);
    if (!request) return channel.close();
    try {
      await checkRequest(request, this.#components);
      const lines = open(channel.remotePeer, readQuery(request, this.#version), signal);
      for await (const frame of batches(lines)) await channel.write(frame);
    } catch (error) {
      await this.#refuse(channel, error);
    }
    await channel.close();
  }

  /** Rejects when the peer cannot be told: the stream is broken then. */
  async #refuse(channel: Channel, error: unknown): Promise<void> {
    const { logger } = this.#components;
    const peer = channel.remotePeer;
    if (!isStatusError(error)) logger.error('reading logs failed', { peer, error });
    const frame: LogFrame = { type: 'error', error: toFailure(error) };
    await channel.write(encodeFrame(encodeJson(frame)));
    logger.info('logs were refused', { peer, reason: frame.error.details.cause ?? frame.error.reason });
  }
}

function readQuery({ claims, body }: SignedRequest, version: string): LogQuery {
  if (claims.verb !== 'logs' || claims.kind !== 'Deployment' || claims.namespace === undefined)
    throw new StatusError('BadRequest', `"${claims.verb}" of a ${claims.kind} is not a request for logs`);
  return { namespace: claims.namespace, name: claims.name, ...readBody(logRequest, body, version) };
}
