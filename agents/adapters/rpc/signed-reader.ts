import type { CommonClaims } from '../../../api/protocol/claims.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { openClaims } from './envelope.ts';
import { FrameReader } from './frames.ts';
import { type Direction, decodeMessage, type Message, maxMessageBytes } from './message.ts';

/** A message whose signature is the remote peer's; its other claims and its body are still to be checked. */
export interface SignedMessage<C> extends Message {
  claims: C;
  /** How many messages came before it. */
  position: number;
}

/** Receives messages that the remote peer has signed. Bytes that cannot be verified cost it the stream. */
export class SignedReader<C extends CommonClaims> {
  readonly #channel: Channel;
  readonly #direction: Direction<C>;
  readonly #frames: FrameReader;
  #received = 0;

  constructor(components: { channel: Channel; clock: Clock }, direction: Direction<C>) {
    this.#channel = components.channel;
    this.#direction = direction;
    this.#frames = new FrameReader(components, { maxBytes: maxMessageBytes(direction) });
  }

  /**
   * The next message, or undefined after the other side closed its half. Rejects once the stream has ended.
   * @param patience How long its first byte may take, in milliseconds. Default: for ever.
   */
  async receive(patience?: number): Promise<SignedMessage<C> | undefined> {
    try {
      const payload = await this.#frames.read(patience);
      return payload && (await this.#open(decodeMessage(payload)));
    } catch (error) {
      this.#channel.abort(error as Error);
      throw error;
    }
  }

  async #open({ envelope, body }: Message): Promise<SignedMessage<C>> {
    const { domain, claims: schema } = this.#direction;
    const claims = await openClaims(domain, schema, envelope, this.#channel.remotePeer);
    return { claims, envelope, body, position: this.#received++ };
  }
}
