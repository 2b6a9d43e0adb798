import { createHash } from 'node:crypto';
import { Semaphore } from '../../../controllers/core/semaphore.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { isPassword } from '../../adapters/system/password-hash.ts';

/** Each check takes a thread of four that files need too. */
const CHECKS_AT_A_TIME = 2;

/** Who comes when there are so many is sent away: a second is as long as anybody should wait. */
const MAX_PENDING = 32;

const NEVER = new AbortController().signal;

/** How long a password that was right need not be checked again, in milliseconds. */
const REMEMBERED_MS = 10 * 60_000;

const MAX_REMEMBERED = 1_000;

export type Verdict = 'right' | 'wrong' | 'busy';

/** Checks passwords, which is made to cost something, as rarely as possible and never many at once. */
export class PasswordCheck {
  readonly #clock: Clock;
  readonly #places = new Semaphore(CHECKS_AT_A_TIME);
  /** Under way and waiting. */
  #pending = 0;
  /** When each is forgotten, by a hash of password and hash: nothing here is of use to who reads our memory. */
  readonly #known = new Map<string, number>();

  constructor(components: { clock: Clock }) {
    this.#clock = components.clock;
  }

  /** At once for what was right a while ago. */
  check(password: string, hash: string): Verdict | Promise<Verdict> {
    const key = createHash('sha256').update(`${hash}\n${password}`).digest('base64');
    const until = this.#known.get(key);
    if (until !== undefined && until > this.#clock.now()) return 'right';
    return this.#pending < MAX_PENDING ? this.#checkNow(password, hash, key) : 'busy';
  }

  async #checkNow(password: string, hash: string, key: string): Promise<Verdict> {
    this.#pending += 1;
    const release = await this.#places.acquire(NEVER);
    try {
      if (!(await isPassword(password, hash))) return 'wrong';
      this.#remember(key);
      return 'right';
    } finally {
      this.#pending -= 1;
      release();
    }
  }

  #remember(key: string): void {
    this.#known.set(key, this.#clock.now() + REMEMBERED_MS);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}
