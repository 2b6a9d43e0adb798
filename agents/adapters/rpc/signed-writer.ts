import { canonicalJson } from '../../../api/meta/canonical.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { CommonClaims } from '../../../api/protocol/claims.ts';
import { ENVELOPE_LIFETIME_MS, WRITE_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import { decode } from '../../../api/scheme.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import type { Identity } from '../identity/identity.ts';
import { withDeadline } from './deadline.ts';
import { hashOf } from './envelope.ts';
import { describeErrors, peerLost } from './errors.ts';
import { encodeJson } from './json.ts';
import { type Direction, encodeMessage, type Own } from './message.ts';
import { Serial } from './serial.ts';

interface Components {
  channel: Channel;
  clock: Clock;
  identity: Signer;
}

export type Signer = Pick<Identity, 'peerID' | 'seal'>;

/** Signs messages and sends them, one after the other. */
export class SignedWriter<C extends CommonClaims> {
  readonly #components: Components;
  readonly #direction: Direction<C>;
  readonly #order = new Serial();
  #sent = 0;

  constructor(components: Components, direction: Direction<C>) {
    this.#components = components;
    this.#direction = direction;
  }

  /**
   * Resolves when there is room for the next one. A message that is too large or has invalid claims
   * rejects with `RequestEntityTooLarge` or `Invalid` and was not sent; any other failure ends the stream.
   */
  send(claims: Own<C>, body: unknown): Promise<void> {
    // Encoded only when its turn has come: what waits for a slow reader is held once, as objects.
    return this.#order.run('', () => this.#send(claims, encodeJson(body)));
  }

  async #send(own: Own<C>, body: Uint8Array): Promise<void> {
    const { maxBodyBytes, domain } = this.#direction;
    if (body.length > maxBodyBytes) {
      const message = `a message of ${body.length} bytes; at most ${maxBodyBytes} are allowed`;
      throw new StatusError('RequestEntityTooLarge', message);
    }
    const claims = this.#complete(own, hashOf(body));
    this.#sent++;
    const payload = new TextEncoder().encode(canonicalJson(claims));
    const envelope = await this.#components.identity.seal(domain, payload);
    await this.#write(encodeMessage({ envelope, body }));
  }

  /** Claims that the other side would end the stream for are refused here. */
  #complete(own: Own<C>, bodyHash: string): C {
    const { identity, channel, clock } = this.#components;
    const iat = clock.now();
    const exp = iat + ENVELOPE_LIFETIME_MS;
    const common: CommonClaims = {
      iss: identity.peerID,
      aud: channel.remotePeer,
      iat,
      exp,
      seq: this.#sent,
      bodyHash,
    };
    const decoded = decode(this.#direction.claims, { ...own, ...common });
    if (decoded.ok) return decoded.value;
    throw new StatusError('Invalid', `the message cannot be sent: ${describeErrors(decoded.errors)}`);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { channel, clock } = this.#components;
    const late = () => peerLost(channel.remotePeer, `it took nothing for ${WRITE_TIMEOUT_MS / 1000} s`);
    try {
      await withDeadline(clock, WRITE_TIMEOUT_MS, channel.write(bytes), late);
    } catch (error) {
      channel.abort(error as Error);
      throw error;
    }
  }
}
