import type { ResponseBody } from '../../../api/protocol/messages.ts';
import { type AnyBody, type ClientComponents, ClientStream, type Question } from './client-stream.ts';
import { Conversation } from './conversation.ts';
import { fromFailure } from './errors.ts';

/** Asks a peer, on one stream for all requests that have one answer; opens it again when it broke. */
export class RequestClient {
  readonly #components: ClientComponents;
  readonly #peerID: string;
  #conversation: Promise<Conversation> | undefined;

  constructor(components: ClientComponents, { peerID }: { peerID: string }) {
    this.#components = components;
    this.#peerID = peerID;
  }

  /** @throws StatusError of the peer, or `ServiceUnavailable` when it did not answer. */
  async ask(question: Question, body: AnyBody): Promise<ResponseBody> {
    const conversation = await this.#open();
    const answer = await conversation.ask(question, body);
    if (answer.type === 'error') throw fromFailure(answer.error);
    return answer;
  }

  #open(): Promise<Conversation> {
    if (this.#conversation) return this.#conversation;
    const opened = this.#begin();
    this.#conversation = opened;
    const forget = () => {
      if (this.#conversation === opened) this.#conversation = undefined;
    };
    opened.then((conversation) => conversation.ended.then(forget), forget);
    return opened;
  }

  async #begin(): Promise<Conversation> {
    const stream = await ClientStream.open(this.#components, this.#peerID);
    return new Conversation({ stream, clock: this.#components.clock }, { peerID: this.#peerID });
  }
}
