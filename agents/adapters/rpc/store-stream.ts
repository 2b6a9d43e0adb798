import { isStatusError } from '../../../api/meta/status-error.ts';
import type { RequestClaims, ResponseClaims } from '../../../api/protocol/claims.ts';
import { FIRST_REQUEST_TIMEOUT_MS, MAX_REQUESTS_PER_STREAM } from '../../../api/protocol/limits.ts';
import type { ResponseBody } from '../../../api/protocol/messages.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { LogFields, Logger } from '../../../controllers/ports/logger.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { toFailure } from './errors.ts';
import { REQUESTS, RESPONSES } from './message.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { checkRequest, type SignedRequest } from './request.ts';
import { SignedReader } from './signed-reader.ts';
import { SignedWriter, type Signer } from './signed-writer.ts';
import { answer } from './verbs/index.ts';
import type { Session } from './verbs/verb.ts';

interface Components {
  channel: Channel;
  identity: Signer;
  clock: Clock;
  logger: Logger;
  replayGuard: ReplayGuard;
  session: Session;
}

/** One stream of a peer: several requests at a time, each answered when it is ready. */
export class StoreStream {
  readonly #components: Components;
  readonly #requests: SignedReader<RequestClaims>;
  readonly #responses: SignedWriter<ResponseClaims>;
  readonly #running = new Set<Promise<void>>();

  constructor(components: Components) {
    this.#components = components;
    this.#requests = new SignedReader(components, REQUESTS);
    this.#responses = new SignedWriter(components, RESPONSES);
  }

  /** Ends when the peer has closed its half and every answer is sent. Rejects when the stream broke or was dropped. */
  async serve(signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    signal.addEventListener('abort', () => ending.abort(), { once: true });
    try {
      await this.#receiveAll(ending.signal);
    } finally {
      // Who closes its half waits for answers, but a watch has no last one.
      ending.abort();
      await Promise.all(this.#running);
    }
    await this.#components.channel.close();
  }

  async #receiveAll(signal: AbortSignal): Promise<void> {
    for (let patience: number | undefined = FIRST_REQUEST_TIMEOUT_MS; ; patience = undefined) {
      const request = await this.#requests.receive(patience);
      if (!request) return;
      const running = this.#respond(request, signal).finally(() => this.#running.delete(running));
      this.#running.add(running);
      // Not reading on is what makes the sender wait.
      while (this.#running.size >= MAX_REQUESTS_PER_STREAM) await Promise.race(this.#running);
    }
  }

  /** Never rejects: an answer that cannot be sent has ended the stream, and reading from it says so. */
  async #respond(request: SignedRequest, signal: AbortSignal): Promise<void> {
    const re = request.claims.nonce;
    try {
      await checkRequest(request, this.#components);
      for await (const body of answer(request, this.#components.session, signal))
        await this.#responses.send({ re }, body);
    } catch (error) {
      await this.#refuse(re, request.claims, error);
    }
  }

  async #refuse(re: string, claims: RequestClaims, error: unknown): Promise<void> {
    const { logger } = this.#components;
    const fields = describe(claims);
    if (!isStatusError(error)) logger.error('a request failed', { ...fields, error });
    const body: ResponseBody = { type: 'error', error: toFailure(error) };
    try {
      await this.#responses.send({ re }, body);
      logger.info('a request was refused', {
        ...fields,
        reason: body.error.details.cause ?? body.error.reason,
      });
    } catch (lost) {
      logger.debug('an answer could not be sent', { ...fields, error: lost });
    }
  }
}

/** Fields of a log line about a request. */
function describe(claims: RequestClaims): LogFields {
  const { iss: peer, verb, kind, namespace } = claims;
  return { peer, verb, kind, namespace, name: 'name' in claims ? claims.name : undefined };
}
