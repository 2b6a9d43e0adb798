import { networkInterfaces } from 'node:os';
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
import { probeHttp, probeTcp, type Target } from './network.ts';

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

/** Where to connect, or why that is unknown. */
function targetOf({ address, container, portNames }: Inspected, reference: number | string): Target | string {
  const port = typeof reference === 'number' ? reference : portNames.get(reference);
  if (port === undefined) return `no port of the container is named "${reference}"`;
  if (!address) return 'the container has no address: it was taken off its network';
  if (isLocal(address.gateway)) return { host: address.ip, port, proxied: false };
  // The engine is in a virtual machine or elsewhere: its networks end there, published ports do not.
  const published = container.ports.find(
    ({ containerPort, protocol }) => containerPort === port && protocol === 'TCP',
  );
  if (!published)
    return `port ${port} is not among the container's ports and its network cannot be reached from here`;
  return { host: '127.0.0.1', port: published.hostPort, proxied: true };
}

/** Whether the container's bridge is an interface of this machine. */
function isLocal(gateway: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === gateway),
  );
}

function failure(message: string): ProbeResult {
  return { success: false, message };
}
