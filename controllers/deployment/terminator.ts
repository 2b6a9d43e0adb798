import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Trigger } from '../core/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime, RuntimeContainer } from '../ports/runtime.ts';
import { keyOfOrigin } from './container.ts';
import { Failures } from './failures.ts';
import type { ObservedContainer } from './observed.ts';
import type { Snapshot } from './snapshot.ts';

interface Components {
  runtime: Pick<Runtime, 'stop' | 'remove'>;
  snapshot: Snapshot;
  trigger: Trigger<'Deployment'>;
  clock: Clock;
  logger: Logger;
}

/** What the runtime was asked for. */
interface Call {
  gracePeriodSeconds: number;
}

/**
 * Ends containers beside the workers: a grace period may last an hour, and nobody else shall wait for it. When it is
 * over, the Deployment is looked at again.
 */
export class Terminator {
  readonly #runtime: Components['runtime'];
  readonly #snapshot: Snapshot;
  readonly #trigger: Trigger<'Deployment'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #failures: Failures<string>;
  /** By name; the call with the shortest grace period where there are several. */
  readonly #underWay = new Map<string, Call>();

  constructor(components: Components) {
    this.#runtime = components.runtime;
    this.#snapshot = components.snapshot;
    this.#trigger = components.trigger;
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#failures = new Failures(components, { reason: Reason.Error });
  }

  /** What is known here about the container of this name. */
  of(name: string): Pick<ObservedContainer, 'terminating' | 'terminationFailure'> {
    return { terminating: this.#underWay.get(name), terminationFailure: this.#failures.get(name) };
  }

  /** Stop keeps the container for its logs. */
  end(type: 'Stop' | 'Remove', container: RuntimeContainer, gracePeriodSeconds: number): void {
    const earlier = this.#underWay.get(container.name);
    if (earlier && earlier.gracePeriodSeconds <= gracePeriodSeconds) return;
    const call = { gracePeriodSeconds };
    this.#underWay.set(container.name, call);
    // Never rejects, and needs nobody to wait for it.
    void this.#end(type, container, call).finally(() => this.#trigger.enqueue(keyOfOrigin(container)));
  }

  async #end(type: 'Stop' | 'Remove', container: RuntimeContainer, call: Call): Promise<void> {
    const { name } = container;
    const startedAt = this.#clock.now();
    try {
      if (type === 'Stop') await this.#runtime.stop(name, call.gracePeriodSeconds);
      else await this.#runtime.remove(name, call.gracePeriodSeconds);
      this.#failures.delete(name);
      if (!this.#isOver(name, call)) return;
      const seconds = (this.#clock.now() - startedAt) / 1000;
      this.#logger.info(type === 'Stop' ? 'Stopped container' : 'Removed container', {
        container: name,
        seconds,
      });
      this.#snapshot.expect(container, type === 'Stop' ? 'Stopped' : 'Absent');
    } catch (error) {
      if (!this.#isOver(name, call)) return;
      const { retryAt } = this.#failures.add(name, error);
      this.#logger.warn('Container could not be ended', { container: name, error, retryAt });
      this.#snapshot.changed(container);
    }
  }

  /** False of a call that another one hurried: what comes of it that one tells. */
  #isOver(name: string, call: Call): boolean {
    return this.#underWay.get(name) === call && this.#underWay.delete(name);
  }
}
