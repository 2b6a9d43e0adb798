import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import { type Credential, readLeaf } from '../credential.ts';
import type { RenewalWindow } from '../schedule.ts';
import { messageOf } from '../wording.ts';
import { renewalIdentifier } from '../x509/identifier.ts';
import type { AcmeClient } from './protocol/client.ts';

export interface Advice {
  /** Undefined while the CA has none. */
  window: RenewalWindow | undefined;
  /** When to ask again, in milliseconds since the epoch. */
  until: number;
}

const MINUTE_MS = 60_000;

/** RFC 9773, 4.3: how often to ask is the CA's to say, within reason. */
const ASK_MS = { least: MINUTE_MS, usual: 6 * 60 * MINUTE_MS, most: 24 * 60 * MINUTE_MS };

/** Without an answer what was known counts on. */
const AFTER_FAILURE_MS = 60 * MINUTE_MS;

interface Components {
  clock: Clock;
  logger: Logger;
  client: AcmeClient;
}

/** When a CA would like certificates to be renewed: before it revokes them, or while it has little to do. */
export class RenewalAdvice {
  readonly #components: Components;
  /** By the certificate's identifier. */
  readonly #known = new Map<string, Advice>();

  constructor(components: Components) {
    this.#components = components;
  }

  /** Never rejects: who gets no advice renews after two thirds of its life. */
  async for(credential: Credential, signal: AbortSignal): Promise<Advice> {
    const now = this.#components.clock.now();
    const identifier = renewalIdentifier(readLeaf(credential.chain));
    if (identifier === undefined) return { window: undefined, until: Number.POSITIVE_INFINITY };
    const known = this.#known.get(identifier);
    if (known && known.until > now) return known;
    const advice = await this.#ask(identifier, known, signal);
    this.#known.set(identifier, advice);
    return advice;
  }

  /** It is replaced. */
  forget(credential: Credential): void {
    this.#known.delete(renewalIdentifier(readLeaf(credential.chain)) ?? '');
  }

  async #ask(identifier: string, known: Advice | undefined, signal: AbortSignal): Promise<Advice> {
    const { clock, client, logger } = this.#components;
    try {
      const answer = await client.renewalWindow(identifier, signal);
      const pause = answer ? (answer.retryAfterMs ?? ASK_MS.usual) : ASK_MS.most;
      const until = clock.now() + Math.min(Math.max(pause, ASK_MS.least), ASK_MS.most);
      return { window: answer?.value, until };
    } catch (error) {
      logger.debug('CA was not asked when to renew', { error: messageOf(error) });
      return { window: known?.window, until: clock.now() + AFTER_FAILURE_MS };
    }
  }
}
