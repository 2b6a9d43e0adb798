import type { ClaimsOf, RequestClaims, ResponseClaims } from '../../../api/protocol/claims.ts';
import { RESPONSE_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import {
  type BodyOf,
  type ResponseBody,
  responseBody,
  type StoreVerb,
} from '../../../api/protocol/messages.ts';
import { STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Channel, Transport } from '../../../controllers/ports/transport.ts';
import { withDeadline } from './deadline.ts';
import { checkAudience, checkBody, checkSequence, checkTimes } from './envelope.ts';
import { peerLost, withCause } from './errors.ts';
import { type Own, REQUESTS, RESPONSES } from './message.ts';
import { understand } from './remote-body.ts';
import { SignedReader } from './signed-reader.ts';
import { SignedWriter, type Signer } from './signed-writer.ts';

export interface ClientComponents {
  transport: Transport;
  identity: Signer;
  clock: Clock;
}

/** A request without its nonce. */
export type Question<V extends StoreVerb = StoreVerb> = V extends unknown
  ? Omit<Own<ClaimsOf<V>>, 'nonce'>
  : never;

/** Body of some request; its verb is in the question. */
export type AnyBody = BodyOf<StoreVerb>;

/** An answer that the peer signed for us, on this stream, in this place. */
export interface Answer {
  /** Nonce of the request that it answers. */
  re: string;
  body: ResponseBody;
}

/** Opens a channel; gives up when the transport takes too long over it, or by the signal. */
export async function openChannel(
  { transport, clock }: Pick<ClientComponents, 'transport' | 'clock'>,
  peerID: string,
  protocol: string,
  signal?: AbortSignal,
): Promise<Channel> {
  const giveUp = new AbortController();
  const stop = () => giveUp.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  const late = () => peerLost(peerID, `it could not be opened within ${RESPONSE_TIMEOUT_MS / 1000} s`);
  try {
    const opening = transport.open(peerID, protocol, giveUp.signal);
    return await withDeadline(clock, RESPONSE_TIMEOUT_MS, opening, late);
  } catch (error) {
    giveUp.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Our end of a stream of the store protocol. */
export class ClientStream {
  readonly #channel: Channel;
  readonly #me: string;
  readonly #clock: Clock;
  readonly #requests: SignedWriter<RequestClaims>;
  readonly #responses: SignedReader<ResponseClaims>;

  constructor({ channel, identity, clock }: { channel: Channel } & Omit<ClientComponents, 'transport'>) {
    this.#channel = channel;
    this.#me = identity.peerID;
    this.#clock = clock;
    this.#requests = new SignedWriter({ channel, identity, clock }, REQUESTS);
    this.#responses = new SignedReader({ channel, clock }, RESPONSES);
  }

  static async open(
    components: ClientComponents,
    peerID: string,
    signal?: AbortSignal,
  ): Promise<ClientStream> {
    const channel = await openChannel(components, peerID, STORE_PROTOCOL, signal);
    return new ClientStream({ ...components, channel });
  }

  async send(nonce: string, question: Question, body: AnyBody): Promise<void> {
    try {
      await this.#requests.send({ ...question, nonce }, body);
    } catch (error) {
      throw withCause(error, this.#channel.remotePeer);
    }
  }

  /**
   * The next answer. Rejects when the stream ended, or when a message on it cannot be believed, which ends it too.
   * @param patience How long its first byte may take, in milliseconds. Default: for ever.
   */
  async receive(patience?: number): Promise<Answer> {
    try {
      const message = await this.#responses.receive(patience);
      if (!message) throw peerLost(this.#channel.remotePeer, 'it closed the stream');
      const { claims, body, position } = message;
      checkAudience(claims, this.#me);
      checkTimes(claims, this.#clock.now());
      checkSequence(claims, position);
      checkBody(claims, body);
      return { re: claims.re, body: understand(responseBody, body, this.#channel.remotePeer) };
    } catch (error) {
      this.abort(error as Error);
      throw withCause(error, this.#channel.remotePeer);
    }
  }

  abort(reason: Error): void {
    this.#channel.abort(reason);
  }
}
