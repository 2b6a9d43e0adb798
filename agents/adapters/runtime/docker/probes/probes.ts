import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import {
  type ProbeHandler,
  type ProbeResult,
  RuntimeError,
} from '../../../../../controllers/ports/runtime.ts';
import type { Containers } from '../containers.ts';
import type { Engine } from '../engine/engine.ts';
import type { Inspected } from '../inspect.ts';
import { ExecProbes } from './exec.ts';
import { probeHttp, probeTcp } from './network.ts';
import { targetOf } from './target.ts';

export interface ProbesComponents {
  engine: Engine;
  clock: Clock;
  containers: Containers;
}

/** Looks once whether a container does what it should. */
export class Probes {
  readonly #components: ProbesComponents;
  readonly #execs: ExecProbes;

  constructor(components: ProbesComponents) {
    this.#components = components;
    this.#execs = new ExecProbes(components);
  }

  /** @throws RuntimeError RuntimeUnavailable: an engine that is away is not a container that fails. */
  async probe(name: string, handler: ProbeHandler, timeoutMilliseconds: number): Promise<ProbeResult> {
    const inspected = await this.#components.containers.recall(name);
    if (inspected?.container.state !== 'Running') return failure('the container is not running');
    const timeout = new AbortController();
    const cancel = this.#components.clock.after(timeoutMilliseconds, () =>
      timeout.abort(`no answer within ${timeoutMilliseconds / 1000} s`),
    );
    try {
      return await this.#attempt(inspected, handler, timeout.signal);
    } finally {
      cancel();
    }
  }

  async #attempt(
    inspected: Inspected,
    { exec, httpGet, tcpSocket }: ProbeHandler,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    if (exec) return this.#execs.probe(inspected.id, exec.command, signal);
    const port = (httpGet ?? tcpSocket)?.port;
    if (port === undefined) throw new RuntimeError(Reason.InvalidManifest, 'a probe needs a handler');
    const target = targetOf(inspected, port);
    if (typeof target === 'string') return failure(target);
    return httpGet ? probeHttp(target, httpGet, signal) : probeTcp(target, signal);
  }
}

function failure(message: string): ProbeResult {
  return { success: false, message };
}
