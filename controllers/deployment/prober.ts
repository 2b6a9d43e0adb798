import { formatKey, type ObjectKey } from '../../api/meta/object.ts';
import { ended } from '../core/abort.ts';
import type { Trigger } from '../core/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Health } from './observed.ts';
import { ProbeSession } from './probe-session.ts';
import type { Probes } from './probe-state.ts';

export interface ProbeTarget {
  /** Of the container. */
  name: string;
  startedAt: number;
  /** Undefined: go on with those it was first watched with; its template is no longer known. */
  probes: Probes | undefined;
  /** It was ready when it was last seen: it stays so until a probe says otherwise. */
  wasReady: boolean;
}

export interface ProberComponents {
  runtime: Pick<Runtime, 'probe'>;
  trigger: Trigger<'Deployment'>;
  clock: Clock;
  logger: Logger;
}

/** Asks containers how they are, and has a Deployment looked at again when an answer changes something. */
export class Prober {
  readonly #components: ProberComponents;
  /** By key, then by container name. */
  readonly #sessions = new Map<string, Map<string, ProbeSession>>();

  constructor(components: ProberComponents) {
    this.#components = components;
  }

  /** Probes until the signal ends. */
  async start(signal: AbortSignal): Promise<void> {
    await ended(signal);
    for (const sessions of this.#sessions.values()) for (const session of sessions.values()) session.end();
    this.#sessions.clear();
  }

  /** Watches exactly these containers of the Deployment, and answers how they are. */
  watch(key: ObjectKey<'Deployment'>, targets: readonly ProbeTarget[]): Map<string, Health> {
    const before = this.#sessions.get(formatKey(key));
    const after = new Map(
      targets.map((target) => [target.name, this.#session(key, target, before?.get(target.name))]),
    );
    for (const [name, session] of before ?? []) if (after.get(name) !== session) session.end();
    if (after.size > 0) this.#sessions.set(formatKey(key), after);
    else this.#sessions.delete(formatKey(key));
    return new Map([...after].map(([name, session]) => [name, session.health]));
  }

  #session(
    key: ObjectKey<'Deployment'>,
    target: ProbeTarget,
    before: ProbeSession | undefined,
  ): ProbeSession {
    if (before?.startedAt === target.startedAt) return before;
    const session = new ProbeSession(this.#components, { key, ...target, probes: target.probes ?? {} });
    session.begin();
    return session;
  }
}
