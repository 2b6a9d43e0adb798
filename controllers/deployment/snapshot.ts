import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Clock } from '../ports/clock.ts';
import { type Runtime, type RuntimeContainer, RuntimeError } from '../ports/runtime.ts';
import { formatOrigin, type Origin } from './container.ts';
import { Expectations, type Expected, type Touched } from './expectations.ts';
import { withTimeout } from './timeout.ts';

type Containers = readonly RuntimeContainer[];

interface Listing {
  /** Which call it came from; later calls have larger numbers. */
  serial: number;
  at: number;
  byOrigin: ReadonlyMap<string, Containers>;
}

/** One list serves every key that asks within this time, in milliseconds. So late may a pass notice what no event told. */
const MAX_AGE_MS = 1_000;

/** Longer than any runtime's own deadline: a list that never ends must not stop every key. */
const LIST_TIMEOUT_MS = 45_000;

/**
 * What containers there are. Keys share one list as long as it began after the last change of their own, so that
 * a thousand settled Deployments cost one call, and acting on one does not make the others list again.
 */
export class Snapshot {
  readonly #runtime: Pick<Runtime, 'list'>;
  readonly #clock: Clock;
  readonly #expectations: Expectations;
  /** After which call each Deployment has changed, where no later one has ended yet. */
  readonly #changed = new Map<string, number>();
  #everythingChanged = 0;
  #serial = 0;
  #latest: Listing | undefined;
  #underWay: { serial: number; result: Promise<Listing> } | undefined;
  #failure: { at: number; error: unknown } | undefined;

  constructor(components: { runtime: Pick<Runtime, 'list'>; clock: Clock }) {
    this.#runtime = components.runtime;
    this.#clock = components.clock;
    this.#expectations = new Expectations(components);
  }

  /**
   * The containers of one Deployment, which was created at `bornAt`, in milliseconds since the epoch. Undefined while the
   * runtime does not yet show what we have done to them.
   * @throws RuntimeError
   */
  async of(origin: Origin, bornAt = 0): Promise<Containers | undefined> {
    const key = formatOrigin(origin);
    if (this.#isUntouched(key, bornAt)) return [];
    const { byOrigin } = await this.#after(this.#changed.get(key) ?? 0);
    const containers = byOrigin.get(key) ?? [];
    if (this.#expectations.areMet(origin, containers)) return containers;
    this.changed(origin);
    return undefined;
  }

  /** Every container of this agent. @throws RuntimeError */
  async all(): Promise<RuntimeContainer[]> {
    const { byOrigin } = await this.#after(0);
    return [...byOrigin.values()].flat();
  }

  /** The containers of this Deployment may have changed: what was listed before no longer counts for it. */
  changed(origin: Origin): void {
    this.#changed.set(formatOrigin(origin), this.#serial);
  }

  /** Anything may have changed. */
  changedAll(): void {
    this.#everythingChanged = this.#serial;
  }

  /** We did something to this container; lists that do not show it are out of date. */
  expect(container: Touched, expected: Expected): void {
    this.#expectations.add(container, expected);
    this.changed(container);
  }

  /** Whether it was created after the latest list, and nobody has told of a container of it since. */
  #isUntouched(key: string, bornAt: number): boolean {
    const latest = this.#latest;
    if (!latest || this.#failure || this.#everythingChanged >= latest.serial) return false;
    return bornAt > latest.at && !latest.byOrigin.has(key) && !this.#changed.has(key);
  }

  /** A listing that began after everything up to the call `serial`, and is not too old. */
  async #after(serial: number): Promise<Listing> {
    for (;;) {
      const least = Math.max(serial, this.#everythingChanged);
      const latest = this.#latest;
      if (latest && latest.serial > least && this.#clock.now() - latest.at < MAX_AGE_MS) return latest;
      if (!this.#underWay) return this.#list();
      if (this.#underWay.serial > least) return this.#underWay.result;
      // It began too early to show what we want to see; those who asked for it hear of its failure.
      await this.#underWay.result.catch(() => undefined);
    }
  }

  /** A failure counts for a moment too: a thousand keys need not all knock on a closed door. */
  #list(): Promise<Listing> {
    const { at, error } = this.#failure ?? {};
    if (at !== undefined && this.#clock.now() - at < MAX_AGE_MS) return Promise.reject(error);
    this.#serial += 1;
    const result = this.#listNow(this.#serial);
    this.#underWay = { serial: this.#serial, result };
    return result;
  }

  async #listNow(serial: number): Promise<Listing> {
    const at = this.#clock.now();
    try {
      const containers = await withTimeout(this.#clock, this.#runtime.list(), LIST_TIMEOUT_MS, overdue);
      this.#failure = undefined;
      this.#latest = { serial, at, byOrigin: Map.groupBy(containers, formatOrigin) };
      this.#tidy(serial);
      return this.#latest;
    } catch (error) {
      this.#failure = { at: this.#clock.now(), error };
      throw error;
    } finally {
      this.#underWay = undefined;
    }
  }

  /** With a list that is newer than a change, the change need not be remembered. */
  #tidy(serial: number): void {
    for (const [key, since] of this.#changed) if (since < serial) this.#changed.delete(key);
    this.#expectations.tidy();
  }
}

function overdue(): RuntimeError {
  const message = `the container runtime did not list its containers within ${LIST_TIMEOUT_MS / 1000} s`;
  return new RuntimeError(Reason.RuntimeUnavailable, message);
}
