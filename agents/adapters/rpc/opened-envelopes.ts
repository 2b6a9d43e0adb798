import { isStatusError } from '../../../api/meta/status-error.ts';
import { type RequestClaims, requestClaims } from '../../../api/protocol/claims.ts';
import { REQUEST_DOMAIN } from '../../../api/protocol/protocols.ts';
import { openClaims } from './envelope.ts';

/** More than one peer may show of a kind (api/protocol/limits.ts): who reconciles all of them in turn finds each again. */
const MAX_REMEMBERED = 16_384;

/** Either what a signature says, or why it says nothing. */
export type Opened = { claims: RequestClaims } | { problem: string };

interface Remembered {
  owner: string;
  envelope: string;
  opened: Opened;
}

/** Envelopes over requests that are kept beside objects: each is opened once. */
export class OpenedEnvelopes {
  /** The latest of each object, by its UID; about 2 KiB each. */
  readonly #remembered = new Map<string, Remembered>();

  /** @param envelope base64 */
  async open(uid: string, owner: string, envelope: string): Promise<Opened> {
    const known = this.#remembered.get(uid);
    if (known?.envelope === envelope && known.owner === owner) return known.opened;
    const opened = await open(owner, envelope);
    this.#remembered.delete(uid);
    this.#remembered.set(uid, { owner, envelope, opened });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return opened;
  }
}

async function open(owner: string, envelope: string): Promise<Opened> {
  try {
    const bytes = Buffer.from(envelope, 'base64');
    return { claims: await openClaims(REQUEST_DOMAIN, requestClaims, bytes, owner) };
  } catch (error) {
    if (isStatusError(error, 'Unauthorized')) return { problem: error.message };
    throw error;
  }
}
