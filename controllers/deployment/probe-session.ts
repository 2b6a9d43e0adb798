import type { ObjectKey } from '../../api/meta/object.ts';
import type { Probe } from '../../api/v1alpha1/probe.ts';
import type { ProbeResult } from '../ports/runtime.ts';
import type { Health } from './observed.ts';
import {
  activeProbes,
  healthOf,
  nextStreak,
  type ProbeKind,
  type Probes,
  presumedReady,
  probeOf,
  type Streaks,
} from './probe-state.ts';
import type { ProberComponents } from './prober.ts';
import { withTimeout } from './timeout.ts';

/** What a runtime may take longer than a probe's own timeout before it counts as no answer, in milliseconds. */
const MARGIN_MS = 1_000;

interface SessionInit {
  key: ObjectKey<'Deployment'>;
  name: string;
  startedAt: number;
  probes: Probes;
  wasReady: boolean;
}

/** The probes of one run of one container. */
export class ProbeSession {
  readonly #components: ProberComponents;
  readonly #init: SessionInit;
  /** Probes that are asked or about to be, and how to call that off. */
  readonly #cancels = new Map<ProbeKind, () => void>();
  #streaks: Streaks;
  #health: Health;
  #over = false;

  constructor(components: ProberComponents, init: SessionInit) {
    this.#components = components;
    this.#init = init;
    this.#streaks = init.wasReady ? presumedReady(init.probes) : {};
    const health = healthOf(init.probes, this.#streaks);
    this.#health = { ...health, readySince: health.ready ? init.startedAt : undefined };
  }

  get startedAt(): number {
    return this.#init.startedAt;
  }

  get health(): Health {
    return this.#health;
  }

  begin(): void {
    for (const kind of activeProbes(this.#init.probes, this.#streaks)) this.#schedule(kind, 0);
  }

  end(): void {
    this.#over = true;
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  /** Not before its initial delay, which counts from the start of the container. */
  #schedule(kind: ProbeKind, delay: number): void {
    const probe = probeOf(this.#init.probes, kind);
    if (!probe || this.#over || this.#cancels.has(kind)) return;
    const { clock } = this.#components;
    const earliest = this.#init.startedAt + probe.initialDelaySeconds * 1000 - clock.now();
    this.#cancels.set(
      kind,
      clock.after(Math.max(delay, earliest), () => void this.#ask(kind, probe)),
    );
  }

  async #ask(kind: ProbeKind, probe: Probe): Promise<void> {
    const { clock } = this.#components;
    const askedAt = clock.now();
    const result = await this.#probe(probe);
    this.#cancels.delete(kind);
    if (this.#over) return;
    if (result) {
      this.#streaks = { ...this.#streaks, [kind]: nextStreak(this.#streaks[kind], probe, result) };
      this.#judge();
    }
    const active = activeProbes(this.#init.probes, this.#streaks);
    const next = probe.periodSeconds * 1000 - (clock.now() - askedAt);
    for (const other of active) this.#schedule(other, other === kind ? Math.max(0, next) : 0);
  }

  /** Undefined when the runtime could not ask: that says nothing about the container, and must not kill it. */
  async #probe(probe: Probe): Promise<ProbeResult | undefined> {
    const { runtime, clock, logger } = this.#components;
    const milliseconds = probe.timeoutSeconds * 1000;
    try {
      const answer = runtime.probe(this.#init.name, probe, milliseconds);
      return await withTimeout(clock, answer, milliseconds + MARGIN_MS, () => new Error('no answer'));
    } catch (error) {
      logger.debug('Container could not be probed', { container: this.#init.name, error });
      return undefined;
    }
  }

  #judge(): void {
    const { clock, trigger, logger } = this.#components;
    const { key, name } = this.#init;
    const before = this.#health;
    const health = healthOf(this.#init.probes, this.#streaks);
    if (health.ready === before.ready && health.failed === before.failed && health.message === before.message)
      return;
    const readySince = before.ready ? before.readySince : clock.now();
    this.#health = { ...health, readySince: health.ready ? readySince : undefined };
    logger.info('Probe result changed', { container: name, ready: health.ready, failed: health.failed });
    trigger.enqueue(key);
  }
}
