import type { Clock } from '../ports/clock.ts';
import type { RuntimeContainer } from '../ports/runtime.ts';
import { formatOrigin, formatRun, type Origin, type Run } from './container.ts';

/** How a run must show in a list, because we made it so. */
export type Expected = 'Present' | 'Stopped' | 'Absent';

/** The container that we did something to. */
export type Touched = Origin &
  Run &
  Partial<Pick<RuntimeContainer, 'createdAt'>> & {
    /** When we began to start it, in milliseconds since the epoch. */
    begunAt?: number;
  };

interface Expectation {
  expected: Expected;
  /** When the container was made that we removed: another may have taken its name since. */
  removed?: number;
  /** What ended before we began to start it is an earlier one of that name. */
  begunAt?: number;
  /** Given up then, in milliseconds since the epoch: someone else may have undone it. */
  until: number;
}

/** How long a list can be out of date, in milliseconds; so long, what someone else undoes at once is not noticed. */
const EXPECTATION_MS = 3_000;

/** What we have just done, and so every list must show. Acting on one that does not would do it twice. */
export class Expectations {
  readonly #clock: Clock;
  /** By Deployment, then by run. */
  readonly #open = new Map<string, Map<string, Expectation>>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  add(container: Touched, expected: Expected): void {
    const key = formatOrigin(container);
    const open = this.#open.get(key) ?? new Map<string, Expectation>();
    const run = formatRun(container);
    const removed = expected === 'Absent' ? container.createdAt : open.get(run)?.removed;
    const until = this.#clock.now() + EXPECTATION_MS;
    this.#open.set(key, open.set(run, { expected, removed, begunAt: container.begunAt, until }));
  }

  /** Whether a list of this Deployment's containers shows it all. */
  areMet(origin: Origin, containers: readonly RuntimeContainer[]): boolean {
    const now = this.#clock.now();
    const open = [...(this.#open.get(formatOrigin(origin)) ?? [])].filter(([, { until }]) => until > now);
    if (open.length === 0) return true;
    const runs = new Map(containers.map((container) => [formatRun(container), container]));
    return open.every(([run, expectation]) => isMet(expectation, runs.get(run)));
  }

  /** Forgets what is no longer expected. */
  tidy(): void {
    const now = this.#clock.now();
    for (const [key, open] of this.#open) {
      for (const [run, { until }] of open) if (until <= now) open.delete(run);
      if (open.size === 0) this.#open.delete(key);
    }
  }
}

function isMet(expectation: Expectation, found: RuntimeContainer | undefined): boolean {
  if (expectation.expected === 'Absent') return found === undefined;
  if (expectation.expected === 'Stopped') return found?.state !== 'Running';
  return found !== undefined && found.state !== 'Created' && !isEarlier(expectation, found);
}

function isEarlier(
  { removed, begunAt = 0 }: Expectation,
  { createdAt, state, finishedAt }: RuntimeContainer,
): boolean {
  return createdAt === removed || (state === 'Exited' && finishedAt !== undefined && finishedAt < begunAt);
}
