import { Reason } from '../../api/v1alpha1/reasons.ts';
import { unlessAborted } from '../core/abort.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunRequest, Runtime } from '../ports/runtime.ts';
import { formatOrigin, type Origin } from './container.ts';
import { Failures, isUnavailable } from './failures.ts';
import type { Failure } from './observed.ts';
import type { Snapshot } from './snapshot.ts';

interface Components {
  runtime: Pick<Runtime, 'run'>;
  snapshot: Snapshot;
  clock: Clock;
  logger: Logger;
}

/** Starts containers, and remembers which could not be: one that was never made leaves nothing behind that would tell. */
export class Launcher {
  readonly #components: Components;
  /** By Deployment; only for its latest template. */
  readonly #failures = new Map<string, { templateHash: string; byOrdinal: Failures<number> }>();

  constructor(components: Components) {
    this.#components = components;
  }

  /** Why replicas of this template could not be started, by ordinal. */
  failures(origin: Origin, templateHash: string): ReadonlyMap<number, Failure> {
    const known = this.#failures.get(formatOrigin(origin));
    return known?.templateHash === templateHash ? known.byOrdinal.all() : new Map();
  }

  /**
   * Answers the failure where it could not be started. @throws RuntimeError when the runtime as a whole does not
   * answer, or the signal's reason.
   */
  async run(request: RunRequest, signal: AbortSignal): Promise<Failure | undefined> {
    const { runtime, snapshot, clock, logger } = this.#components;
    const failures = this.#of(request);
    const { ordinal, attempt } = request;
    const begunAt = clock.now();
    try {
      await unlessAborted(runtime.run(request, signal), signal);
      failures.delete(ordinal);
      snapshot.expect({ ...request, begunAt }, 'Present');
      logger.info('Started container', { ordinal, attempt });
      return undefined;
    } catch (error) {
      snapshot.changed(request);
      if (signal.aborted || isUnavailable(error)) throw error;
      const failure = failures.add(ordinal, error);
      logger.warn('Container could not be started', { ordinal, attempt, error, retryAt: failure.retryAt });
      return failure;
    }
  }

  /** The Deployment is gone. */
  forget(origin: Origin): void {
    this.#failures.delete(formatOrigin(origin));
  }

  #of(request: RunRequest): Failures<number> {
    const { templateHash } = request;
    const known = this.#failures.get(formatOrigin(request));
    if (known?.templateHash === templateHash) return known.byOrdinal;
    const byOrdinal = new Failures<number>(this.#components, { reason: Reason.StartFailed });
    this.#failures.set(formatOrigin(request), { templateHash, byOrdinal });
    return byOrdinal;
  }
}
