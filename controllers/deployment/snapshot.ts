import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Clock } from '../ports/clock.ts';
import { type Runtime, type RuntimeContainer, RuntimeError } from '../ports/runtime.ts';
import { formatOrigin, formatRun, type Origin, type Run } from './container.ts';
import { withTimeout } from './timeout.ts';

type Containers = readonly RuntimeContainer[];

/** How a run must show in a list, because we made it so. */
type Expected = 'Present' | 'Stopped' | 'Absent';

interface Expectation {
  expected: Expected;
  /** When the container was made that we removed: another may have taken its name since. */
  removed?: number;
  /** Given up then, in milliseconds since the epoch: someone else may have undone it. */
  until: number;
}

interface Listing {
  /** Which call it came from; later calls have larger numbers. */
  serial: number;
  at: number;
  byOrigin: ReadonlyMap<string, Containers>;
}

/** One list serves every key that asks within this time, in milliseconds. It is also how late a lost event can be noticed by a pass. */
const MAX_AGE_MS = 1_000;

/** Longer than any runtime's own deadline: a list that never ends must not stop every key. */
const LIST_TIMEOUT_MS = 45_000;

/** How long a list can be out of date, in milliseconds; so long, what someone else undoes at once is not noticed. */
const EXPECTATION_MS = 3_000;

/**
 * What containers there are. Keys share one list as long as it began after the last change of their own, so that
 * a thousand settled Deployments cost one call, and acting on one does not make the others list again.
 */
export class Snapshot {
  readonly #runtime: Pick<Runtime, 'list'>;
  readonly #clock: Clock;
  readonly #changed = new Map<string, number>();
  readonly #expectations = new Map<string, Map<string, Expectation>>();
  #everythingChanged = 0;
  #serial = 0;
  #latest: Listing | undefined;
  #underWay: { serial: number; result: Promise<Listing> } | undefined;
  #failure: { at: number; error: unknown } | undefined;

  constructor(components: { runtime: Pick<Runtime, 'list'>; clock: Clock }) {
    this.#runtime = components.runtime;
    this.#clock = components.clock;
  }

  /**
   * The containers of one Deployment. Undefined while the runtime does not yet show what we have done to them:
   * whoever acted on such a list would do it twice.
   * @throws RuntimeError
   */
  async of(origin: Origin): Promise<Containers | undefined> {
    const key = formatOrigin(origin);
    const { byOrigin } = await this.#after(this.#changed.get(key) ?? 0);
    const containers = byOrigin.get(key) ?? [];
    const unmet = this.#unmet(key, containers);
    if (unmet) this.changed(origin);
    return unmet ? undefined : containers;
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
  expect(container: Origin & Run & Partial<Pick<RuntimeContainer, 'createdAt'>>, expected: Expected): void {
    const key = formatOrigin(container);
    const open = this.#expectations.get(key) ?? new Map<string, Expectation>();
    const run = formatRun(container);
    const removed = expected === 'Absent' ? container.createdAt : open.get(run)?.removed;
    this.#expectations.set(
      key,
      open.set(run, { expected, removed, until: this.#clock.now() + EXPECTATION_MS }),
    );
    this.changed(container);
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
      this.#tidy(serial);
      this.#latest = { serial, at, byOrigin: Map.groupBy(containers, formatOrigin) };
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
    const now = this.#clock.now();
    for (const [key, since] of this.#changed) if (since < serial) this.#changed.delete(key);
    for (const [key, open] of this.#expectations) {
      for (const [run, { until }] of open) if (until <= now) open.delete(run);
      if (open.size === 0) this.#expectations.delete(key);
    }
  }

  #unmet(key: string, containers: Containers): boolean {
    const now = this.#clock.now();
    const open = [...(this.#expectations.get(key) ?? [])].filter(([, { until }]) => until > now);
    if (open.length === 0) return false;
    const runs = new Map(containers.map((container) => [formatRun(container), container]));
    return open.some(([run, expectation]) => !isAsExpected(expectation, runs.get(run)));
  }
}

function isAsExpected({ expected, removed }: Expectation, found: RuntimeContainer | undefined): boolean {
  if (expected === 'Absent') return found === undefined;
  if (expected === 'Stopped') return found?.state !== 'Running';
  return found !== undefined && found.state !== 'Created' && found.createdAt !== removed;
}

function overdue(): RuntimeError {
  const message = `the container runtime did not list its containers within ${LIST_TIMEOUT_MS / 1000} s`;
  return new RuntimeError(Reason.RuntimeUnavailable, message);
}
