import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { Metrics } from '../../../../controllers/ports/metrics.ts';
import type {
  ImageInfo,
  LogLine,
  LogOptions,
  ProbeHandler,
  ProbeResult,
  PullOptions,
  RunRequest,
  Runtime,
  RuntimeContainer,
  RuntimeEvent,
  RuntimeInfo,
} from '../../../../controllers/ports/runtime.ts';
import { Containers } from './containers.ts';
import { Engine } from './engine/engine.ts';
import { named } from './engine/errors.ts';
import { askMachine } from './engine/machine.ts';
import { Events } from './events.ts';
import { Images, imageInfo } from './images/images.ts';
import { Lifecycle } from './lifecycle.ts';
import { gone, readLogs } from './logs.ts';
import { Networks } from './networks.ts';
import { Probes } from './probes/probes.ts';

export interface DockerRuntimeComponents {
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
}

export interface DockerRuntimeInit {
  /** Peer ID of this agent: it sees and touches only what bears it. */
  agentID: string;
  /** As in DOCKER_HOST. Default: DOCKER_HOST, else the usual socket. */
  dockerHost?: string;
  /** Parent of the cgroups of all guests: their common ceiling. A slice where the engine's cgroup driver is systemd. */
  cgroupParent?: string;
  /** A Docker config file whose logins may be used for every borrower's images. Default: none. */
  authConfigFile?: string;
  /** Larger images are refused. Default: no limit. */
  maxImageBytes?: number;
  /** How long a pull may take. */
  pullTimeoutMilliseconds?: number;
  /** How long the engine may take to answer what it knows at once. */
  answerTimeoutMilliseconds?: number;
  /** How often it is pinged during what may take long. */
  heartbeatMilliseconds?: number;
  /** How often a container is inspected again though nothing was heard of it. */
  reinspectMilliseconds?: number;
  /** How often a hint to look at everything comes though nothing happened. */
  relistMilliseconds?: number;
}

const MINUTE = 60_000;

/** Runs containers on a Docker engine, 20.10 or newer. */
export class DockerRuntime implements Runtime {
  readonly #engine: Engine;
  readonly #containers: Containers;
  readonly #networks: Networks;
  readonly #images: Images;
  readonly #lifecycle: Lifecycle;
  readonly #probes: Probes;
  readonly #events: Events;

  constructor({ clock, logger, metrics }: DockerRuntimeComponents, init: DockerRuntimeInit) {
    const {
      agentID,
      pullTimeoutMilliseconds = 30 * MINUTE,
      reinspectMilliseconds = 5 * MINUTE,
      relistMilliseconds = MINUTE,
    } = init;
    const engine = new Engine({ clock, metrics }, init);
    this.#engine = engine;
    this.#containers = new Containers({ engine, clock, logger }, { agentID, reinspectMilliseconds });
    this.#networks = new Networks({ engine, clock, logger }, { agentID });
    this.#images = new Images({ engine, clock }, { ...init, pullTimeoutMilliseconds });
    this.#lifecycle = new Lifecycle(
      { engine, containers: this.#containers, networks: this.#networks, images: this.#images },
      init,
    );
    this.#probes = new Probes({ engine, clock, containers: this.#containers });
    this.#events = new Events(
      { engine, clock, logger, containers: this.#containers },
      { agentID, relistMilliseconds },
    );
  }

  async info(): Promise<RuntimeInfo> {
    const version = await this.#engine.ask('version', (docker) => docker.version());
    const machine = await askMachine(this.#engine);
    return {
      platform: `${version.Os}/${version.Arch}`,
      version: version.Version,
      cpus: machine.NCPU,
      memoryBytes: machine.MemTotal,
    };
  }

  async list(): Promise<RuntimeContainer[]> {
    try {
      return await this.#containers.list();
    } catch (error) {
      throw named(Reason.RuntimeUnavailable, 'the containers cannot be listed', error);
    }
  }

  run(request: RunRequest, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.run(request, signal);
  }

  stop(name: string, gracePeriodSeconds: number): Promise<void> {
    return this.#lifecycle.stop(name, gracePeriodSeconds);
  }

  remove(name: string, gracePeriodSeconds: number): Promise<void> {
    return this.#lifecycle.remove(name, gracePeriodSeconds);
  }

  async image(reference: string): Promise<ImageInfo | undefined> {
    const image = await this.#images.find(reference);
    return image && imageInfo(image);
  }

  pull(reference: string, options: PullOptions): Promise<ImageInfo> {
    return this.#images.pull(reference, options);
  }

  probe(name: string, handler: ProbeHandler, timeoutMilliseconds: number): Promise<ProbeResult> {
    return this.#probes.probe(name, handler, timeoutMilliseconds);
  }

  async *logs(name: string, options: LogOptions): AsyncGenerator<LogLine> {
    const inspected = await this.#containers.find(name);
    if (!inspected) throw gone(name);
    yield* readLogs(this.#engine, inspected.id, name, options);
  }

  events(signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
    return this.#events.subscribe(signal);
  }

  async prune(): Promise<void> {
    // First, so that a network that a container joins meanwhile is either wanted or not yet listed.
    const summaries = await this.#containers.summaries();
    const members = summaries.flatMap(({ NetworkSettings }) => Object.keys(NetworkSettings.Networks));
    await this.#networks.prune(new Set(members));
  }
}
