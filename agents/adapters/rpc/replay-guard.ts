import { StatusError } from '../../../api/meta/status-error.ts';
import type { RequestClaims } from '../../../api/protocol/claims.ts';
import { MAX_CLOCK_SKEW_MS, MAX_NONCES_PER_PEER } from '../../../api/protocol/limits.ts';
import { Refusal } from '../../../api/protocol/refusals.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { refused } from './errors.ts';
import type { ReplayLog, Sighting } from './replay-log.ts';

/** The log may hold as much waste as twice what counts, and this many lines, before it is replaced. */
const SLACK_LINES = 4096;

interface Components {
  clock: Clock;
  log: ReplayLog;
  logger: Logger;
}

/** Lets every request pass once, also across restarts. */
export class ReplayGuard {
  readonly #clock: Clock;
  readonly #log: ReplayLog;
  readonly #logger: Logger;
  /** Per peer, nonce -> when it may be forgotten; in the order they came. */
  readonly #seen = new Map<string, Map<string, number>>();
  #lines = 0;
  #ready = false;

  constructor({ clock, log, logger }: Components) {
    this.#clock = clock;
    this.#log = log;
    this.#logger = logger;
  }

  /** Resolves when it remembers what was seen before; requests are refused until then. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for await (const { peerID, nonce, until } of this.#log.load())
      if (until >= this.#clock.now()) this.#nonces(peerID).set(nonce, until);
    this.#ready = true;
    signal.addEventListener('abort', () => void this.#stop());
    await this.#compact();
  }

  /**
   * Remembers the nonce of a request whose signature, audience and times are good.
   * @throws StatusError `Unauthorized` when it was seen before, `TooManyRequests` when its peer sent
   * more than can be remembered, `ServiceUnavailable` when it could not be recorded.
   */
  async admit({ iss, nonce, exp }: Pick<RequestClaims, 'iss' | 'nonce' | 'exp'>): Promise<void> {
    if (!this.#ready) throw new StatusError('ServiceUnavailable', 'the peer is starting; try again');
    const nonces = this.#nonces(iss);
    if (nonces.has(nonce)) throw refused(Refusal.Replayed, 'this request was received before');
    this.#makeRoom(nonces);
    const until = exp + MAX_CLOCK_SKEW_MS;
    // Remembered before anything is awaited: of two that come together one is refused.
    nonces.set(nonce, until);
    await this.#record({ peerID: iss, nonce, until });
    if (this.#lines > SLACK_LINES + 3 * this.#size()) await this.#compact();
  }

  #nonces(peerID: string): Map<string, number> {
    const nonces = this.#seen.get(peerID) ?? new Map<string, number>();
    this.#seen.set(peerID, nonces);
    return nonces;
  }

  /** Forgets what has expired: from the front as it comes, everywhere when there is no room. */
  #makeRoom(nonces: Map<string, number>): void {
    const now = this.#clock.now();
    for (const [nonce, until] of nonces) {
      if (until >= now) break;
      nonces.delete(nonce);
    }
    if (nonces.size >= MAX_NONCES_PER_PEER) sweep(nonces, now);
    if (nonces.size >= MAX_NONCES_PER_PEER)
      throw new StatusError('TooManyRequests', `more than ${MAX_NONCES_PER_PEER} requests in 11 min; wait`);
  }

  async #record(sighting: Sighting): Promise<void> {
    this.#lines++;
    try {
      await this.#log.append(sighting);
    } catch (error) {
      this.#logger.error('recording a request failed', { error });
      throw new StatusError(
        'ServiceUnavailable',
        'the peer cannot write its replay log; its disk may be full',
      );
    }
  }

  /** Replaces the log by what still counts. Failing costs space only. */
  async #compact(): Promise<void> {
    for (const [peerID, nonces] of this.#seen) {
      sweep(nonces, this.#clock.now());
      if (nonces.size === 0) this.#seen.delete(peerID);
    }
    const live = [...this.#sightings()];
    this.#lines = live.length;
    try {
      await this.#log.replace(live);
    } catch (error) {
      this.#logger.warn('compacting the replay log failed', { error });
    }
  }

  *#sightings(): Iterable<Sighting> {
    for (const [peerID, nonces] of this.#seen)
      for (const [nonce, until] of nonces) yield { peerID, nonce, until };
  }

  #size(): number {
    let size = 0;
    for (const nonces of this.#seen.values()) size += nonces.size;
    return size;
  }

  async #stop(): Promise<void> {
    this.#ready = false;
    try {
      await this.#log.close();
    } catch (error) {
      this.#logger.warn('closing the replay log failed', { error });
    }
  }
}

function sweep(nonces: Map<string, number>, now: number): void {
  for (const [nonce, until] of nonces) if (until < now) nonces.delete(nonce);
}
