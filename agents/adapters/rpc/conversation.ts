import { RESPONSE_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { ResponseBody } from '../../../api/protocol/messages.ts';
import { Refusal } from '../../../api/protocol/refusals.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { AnyBody, ClientStream, Question } from './client-stream.ts';
import { withDeadline } from './deadline.ts';
import { peerLost, refused } from './errors.ts';
import { newNonce } from './request.ts';

/** The requests that wait for their answers on one stream. */
export class Conversation {
  readonly #stream: ClientStream;
  readonly #clock: Clock;
  readonly #peerID: string;
  readonly #waiting = new Map<string, PromiseWithResolvers<ResponseBody>>();
  /** Resolves when the stream has broken and nothing waits any more. */
  readonly ended: Promise<void>;

  constructor(components: { stream: ClientStream; clock: Clock }, init: { peerID: string }) {
    this.#stream = components.stream;
    this.#clock = components.clock;
    this.#peerID = init.peerID;
    this.ended = this.#receiveAll();
  }

  /** A peer that does not answer in time is taken for gone: that ends the stream for all who wait. */
  async ask(question: Question, body: AnyBody): Promise<ResponseBody> {
    const nonce = newNonce();
    const answer = Promise.withResolvers<ResponseBody>();
    this.#waiting.set(nonce, answer);
    const exchange = Promise.all([answer.promise, this.#stream.send(nonce, question, body)]);
    try {
      const [response] = await withDeadline(this.#clock, RESPONSE_TIMEOUT_MS, exchange, () => this.#late());
      return response;
    } finally {
      this.#waiting.delete(nonce);
    }
  }

  #late(): Error {
    const error = peerLost(
      this.#peerID,
      `no answer came within ${RESPONSE_TIMEOUT_MS / 1000} s; what was asked may have been done all the same`,
    );
    this.#stream.abort(error);
    return error;
  }

  async #receiveAll(): Promise<void> {
    try {
      for (;;) {
        const { re, body } = await this.#stream.receive();
        const waiting = this.#waiting.get(re);
        if (!waiting) throw refused(Refusal.NotAsked, `${this.#peerID} answered what nobody asked`);
        waiting.resolve(body);
      }
    } catch (error) {
      this.#stream.abort(error as Error);
      for (const waiting of this.#waiting.values()) waiting.reject(error);
    }
  }
}
