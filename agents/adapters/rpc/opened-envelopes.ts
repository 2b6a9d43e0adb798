import { isStatusError } from '../../../api/meta/status-error.ts';
import { type RequestClaims, requestClaims } from '../../../api/protocol/claims.ts';
import { REQUEST_DOMAIN } from '../../../api/protocol/protocols.ts';
import { openClaims } from './envelope.ts';

/** Signatures remembered: as many as a machine may hold Deployments, at about 2 KiB each. */
const MAX_REMEMBERED = 4096;

/** Either what a signature says, or why it says nothing. */
export type Opened = { claims: RequestClaims } | { problem: string };

/** Envelopes over requests that are kept beside objects: each is opened once. */
export class OpenedEnvelopes {
  /** By owner and envelope, oldest first. */
  readonly #opened = new Map<string, Opened>();

  /** @param envelope base64 */
  async open(owner: string, envelope: string): Promise<Opened> {
    const key = `${owner} ${envelope}`;
    const known = this.#opened.get(key);
    if (known) return known;
    const opened = await open(owner, envelope);
    this.#opened.set(key, opened);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MAX_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
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
