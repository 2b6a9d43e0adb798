import { Reason } from '../../api/v1alpha1/reasons.ts';
import { ended, sleep } from '../../controllers/core/abort.ts';
import type { Clock } from '../../controllers/ports/clock.ts';
import {
  type ContainerIdentity,
  type ImageInfo,
  type LogLine,
  type LogOptions,
  type ProbeHandler,
  type ProbeResult,
  type PullOptions,
  type RunRequest,
  type Runtime,
  type RuntimeContainer,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeInfo,
} from '../../controllers/ports/runtime.ts';
import { FakeEvents } from './fake-runtime-events.ts';
import { type Call, type Fault, type Faults, WRITES } from './fake-runtime-faults.ts';
import { identityOf, nameOf } from './fake-runtime-identity.ts';
import { FakeImages } from './fake-runtime-images.ts';
import { logLines } from './fake-runtime-logs.ts';
import { answer, FakeProcess, REFUSED, type Script } from './fake-runtime-process.ts';

export interface FakeRuntimeInit {
  /** What the process of a container does. Default: it runs until it is stopped. */
  script?: Script;
  faults?: Faults;
}

/** Lists as they were, for a stale answer. */
const HISTORY = 50;

/** A Runtime whose containers are scripts. It outlives the agent, as a container engine does. */
export class FakeRuntime implements Runtime {
  readonly images: FakeImages;
  /** Names that were to be stopped or removed and were never ours. */
  readonly foreignTouched: string[] = [];
  /** May be exchanged at any time; holds for containers made after that. */
  script: Script;
  /** May be exchanged at any time. */
  faults: Faults;
  /** Calls so far. */
  readonly calls: Record<Call, number> = {
    info: 0,
    list: 0,
    run: 0,
    stop: 0,
    remove: 0,
    image: 0,
    pull: 0,
    probe: 0,
    prune: 0,
  };
  readonly #clock: Clock;
  readonly #processes = new Map<string, FakeProcess>();
  /** Every name there ever was. */
  readonly #made = new Set<string>();
  readonly #history: { until: number; containers: RuntimeContainer[] }[] = [];
  readonly #events: FakeEvents;
  readonly #observers = new Set<(containers: RuntimeContainer[]) => void>();
  #shown: RuntimeContainer[] = [];
  #ports = 32_768;

  constructor({ clock }: { clock: Clock }, init: FakeRuntimeInit = {}) {
    this.#clock = clock;
    this.images = new FakeImages({ clock });
    this.#events = new FakeEvents(
      { clock },
      { delivery: (event, index) => this.faults.event?.(event, index) },
    );
    this.script = init.script ?? (() => ({}));
    this.faults = init.faults ?? {};
  }

  /** What there really is. */
  get containers(): RuntimeContainer[] {
    return [...this.#processes.values()].map(({ container }) => container);
  }

  /** How many calls have changed something, or could have. */
  get writes(): number {
    return WRITES.reduce((sum, call) => sum + this.calls[call], 0);
  }

  /** Calls back after every change, with what there is then. */
  onChange(observer: (containers: RuntimeContainer[]) => void): void {
    this.#observers.add(observer);
  }

  /** The process of the container whose name begins so: `web-0`. For what a person does with docker by hand. */
  find(prefix: string): FakeProcess {
    const found = [...this.#processes].find(([name]) => name.startsWith(prefix));
    if (!found) throw new RangeError(`no container begins with ${prefix}: ${[...this.#processes.keys()]}`);
    return found[1];
  }

  /** As `docker rm -f` by hand. */
  vanish(prefix: string): void {
    const { container } = this.find(prefix);
    this.#processes.delete(container.name);
    this.#changed(container.uid);
  }

  async info(): Promise<RuntimeInfo> {
    const info = { platform: 'linux/amd64', version: 'fake', cpus: 4, memoryBytes: 8 * 2 ** 30 };
    return this.#call('info', async () => info);
  }

  async list(): Promise<RuntimeContainer[]> {
    const fault = this.faults.call?.('list', this.calls.list);
    if (fault?.type !== 'Stale') return this.#call('list', async () => this.containers);
    this.calls.list += 1;
    const since = this.#clock.now() - fault.withinMs;
    const earlier = this.#history
      .slice(-fault.changes)
      .find(({ until }) => fault.changes > 0 && until >= since);
    return earlier?.containers ?? this.containers;
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<void> {
    return this.#call('run', async () => {
      signal.throwIfAborted();
      const process = await this.#create(request);
      const { startMs = 0 } = process.behaviour;
      if (startMs > 0) await sleep(this.#clock, startMs, signal);
      signal.throwIfAborted();
      process.start();
      const { error } = process.container;
      if (error !== undefined) throw new RuntimeError(Reason.StartFailed, error);
    });
  }

  async stop(name: string, gracePeriodSeconds: number): Promise<void> {
    this.#touch(name);
    return this.#call('stop', async () => this.#processes.get(name)?.stop(gracePeriodSeconds));
  }

  async remove(name: string, gracePeriodSeconds: number): Promise<void> {
    this.#touch(name);
    return this.#call('remove', async () => {
      const process = this.#processes.get(name);
      await process?.stop(gracePeriodSeconds);
      if (process && this.#processes.delete(name)) this.#changed(process.container.uid);
    });
  }

  async image(reference: string): Promise<ImageInfo | undefined> {
    return this.#call('image', async () => this.images.find(reference));
  }

  async pull(reference: string, options: PullOptions): Promise<ImageInfo> {
    return this.#call('pull', () => this.images.pull(reference, options));
  }

  async probe(name: string, handler: ProbeHandler, _timeoutMilliseconds: number): Promise<ProbeResult> {
    return this.#call('probe', async () => {
      const process = this.#processes.get(name);
      if (process?.container.state !== 'Running') return REFUSED;
      return answer(process.behaviour, handler, this.#clock.now() - (process.container.startedAt ?? 0));
    });
  }

  async *logs(name: string, options: LogOptions): AsyncGenerator<LogLine> {
    const process = this.#processes.get(name);
    if (!process) throw new RuntimeError('NotFound', `there is no container ${name}`);
    const { startedAt } = process.container;
    if (startedAt !== undefined) yield* logLines(process.behaviour.lines ?? [], startedAt, options);
    if (options.follow) await Promise.race([process.ended, ended(options.signal)]);
  }

  events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    return this.#events.listen(signal);
  }

  async prune(): Promise<void> {
    return this.#call('prune', async () => undefined);
  }

  #touch(name: string): void {
    if (!this.#made.has(name)) this.foreignTouched.push(name);
  }

  /** Counts the call, and does what is asked unless a fault says otherwise. */
  async #call<T>(call: Call, perform: () => Promise<T>): Promise<T> {
    const index = this.calls[call];
    this.calls[call] += 1;
    const fault: Fault | undefined = this.faults.call?.(call, index);
    if (fault?.type === 'Hang') return new Promise(() => {});
    if (fault?.type === 'Fail') throw fault.error;
    const answer = await perform();
    if (fault?.type === 'FailAfter') throw fault.error;
    return answer;
  }

  /** Two calls for one name make one container. */
  async #create(request: RunRequest): Promise<FakeProcess> {
    const name = nameOf(request);
    const existing = this.#processes.get(name);
    if (existing) return existing;
    const behaviour = this.script(request);
    const image = this.images.byID(request.imageID);
    if (behaviour.createError) throw behaviour.createError;
    if (!image)
      throw new RuntimeError(
        Reason.CreateFailed,
        `${request.container.image} (${request.imageID}) is not on this machine`,
      );
    const container = { ...identityOf(request), ...this.#born(request, image), name };
    const process = new FakeProcess(this.#clock, container, behaviour, () => this.#changed(request.uid));
    this.#made.add(name);
    this.#processes.set(name, process);
    this.#changed(request.uid);
    return process;
  }

  #born(
    { container }: RunRequest,
    image: ImageInfo,
  ): Omit<RuntimeContainer, keyof ContainerIdentity | 'name'> {
    const ports = (container.ports ?? []).map(({ containerPort, protocol }) => {
      return { containerPort, protocol, hostPort: this.#ports++ };
    });
    return {
      state: 'Created',
      oomKilled: false,
      createdAt: this.#clock.now(),
      image: image.digest ?? image.id,
      ports,
      drifted: false,
    };
  }

  #changed(uid: string): void {
    const { containers } = this;
    this.#history.push({ until: this.#clock.now(), containers: this.#shown });
    this.#shown = containers;
    if (this.#history.length > HISTORY) this.#history.shift();
    for (const observer of this.#observers) observer(containers);
    this.#events.emit({ uid });
  }
}
