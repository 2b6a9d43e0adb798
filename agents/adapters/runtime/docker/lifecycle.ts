import type Docker from 'dockerode';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { type RunRequest, RuntimeError } from '../../../../controllers/ports/runtime.ts';
import type { Containers } from './containers.ts';
import type { Engine } from './engine/engine.ts';
import { engineMessage, hasStatus, named, startFailure } from './engine/errors.ts';
import { askMachine } from './engine/machine.ts';
import type { Images } from './images/images.ts';
import type { Inspected } from './inspect.ts';
import type { Networks } from './networks.ts';
import { translate } from './translate.ts';

export interface LifecycleComponents {
  engine: Engine;
  containers: Containers;
  networks: Networks;
  images: Images;
}

export interface LifecycleInit {
  agentID: string;
  cgroupParent?: string | undefined;
}

/** What the engine needs beyond the grace period to kill, unmount and say so. */
const STOP_MARGIN_MS = 60_000;

/** Creates, starts, stops and removes containers; each step is one that can be repeated. */
export class Lifecycle {
  readonly #components: LifecycleComponents;
  readonly #init: LifecycleInit;
  #cpus: number | undefined;

  constructor(components: LifecycleComponents, init: LifecycleInit) {
    this.#components = components;
    this.#init = init;
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const translated = this.#translate(request);
    // Of both, looked up side by side, the first failure counts; the other one has nobody to tell.
    translated.catch(() => undefined);
    await this.#components.networks.use(request, async () => {
      const options = await translated;
      const created = await this.#create(options, signal);
      const inspected = await this.#verify(options.name ?? '', request, created);
      if (inspected.container.startedAt === undefined) await this.#start(inspected, signal);
    });
  }

  async stop(name: string, gracePeriodSeconds: number): Promise<void> {
    const inspected = await this.#components.containers.find(name);
    if (inspected?.container.state === 'Running') await this.#stop(inspected, gracePeriodSeconds);
  }

  async remove(name: string, gracePeriodSeconds: number): Promise<void> {
    const inspected = await this.#components.containers.find(name);
    if (!inspected) return;
    if (inspected.container.state === 'Running') await this.#stop(inspected, gracePeriodSeconds);
    await this.#remove(inspected);
  }

  async #translate(request: RunRequest): Promise<Docker.ContainerCreateOptions> {
    const { engine, images } = this.#components;
    const image = await images.find(request.imageID, request.container.image);
    if (!image)
      throw new RuntimeError(
        Reason.CreateFailed,
        `image ${request.container.image} (${request.imageID}) is not on this machine any more: it has to be pulled again`,
      );
    this.#cpus ??= (await askMachine(engine)).NCPU;
    const shown = { user: image.user, name: image.digest ?? image.id };
    return translate(request, { ...this.#init, cpus: this.#cpus, image: shown });
  }

  /** Answers false where a container has the name already; {@link #verify} looks whose it is. */
  async #create(options: Docker.ContainerCreateOptions, signal: AbortSignal): Promise<boolean> {
    const { name, ...body } = options;
    // Apart from the query: the client would repeat all of it in the address, values of env too.
    const request = { _query: { name }, _body: body };
    const call = (docker: Docker, abortSignal: AbortSignal) =>
      docker.createContainer({ ...request, abortSignal } as Docker.ContainerCreateOptions);
    try {
      await this.#components.engine.work('create', call, signal);
      return true;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!hasStatus(error, 409))
        throw named(Reason.CreateFailed, `container ${name} was not created`, error);
      return false;
    }
  }

  /** Nothing starts unless the engine shows every part of the isolation floor as it was asked for. */
  async #verify(name: string, request: RunRequest, created: boolean): Promise<Inspected> {
    const inspected = await this.#components.containers.find(name);
    if (inspected?.container.templateHash !== request.templateHash)
      throw new RuntimeError(
        Reason.CreateFailed,
        `a container named ${name} exists that is not this agent's: "docker rename ${name} other" makes room`,
      );
    const neverStarted = inspected.container.startedAt === undefined;
    if (!neverStarted || !inspected.container.drifted) return inspected;
    await this.#remove(inspected);
    throw new RuntimeError(
      Reason.CreateFailed,
      `Docker did not apply ${inspected.changed.join(', ')} to container ${name}, so it was not started: "docker info" shows under WARNING what this machine's kernel or Docker lacks`,
      // One that someone else made may have been made otherwise; the engine will make the same of ours again.
      { terminal: created },
    );
  }

  async #start(inspected: Inspected, signal: AbortSignal): Promise<void> {
    try {
      await this.#components.engine.work(
        'start',
        (docker, abortSignal) => docker.getContainer(inspected.id).start({ abortSignal }),
        signal,
      );
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (hasStatus(error, 304)) return;
      // It remembers the ID of a network that was removed and made again: only a new container finds the new one.
      if (/network .* not found/i.test(engineMessage(error))) await this.#remove(inspected);
      throw startFailure(inspected.container.name, error);
    }
  }

  async #stop({ id, container, paused }: Inspected, gracePeriodSeconds: number): Promise<void> {
    try {
      // Frozen processes hear no SIGTERM: they would be killed after the whole grace period.
      if (paused)
        await this.#components.engine.work('unpause', (docker, abortSignal) =>
          docker.getContainer(id).unpause({ abortSignal }),
        );
      await this.#components.engine.wait(
        'stop',
        (docker, abortSignal) => docker.getContainer(id).stop({ t: gracePeriodSeconds, abortSignal }),
        gracePeriodSeconds * 1000 + STOP_MARGIN_MS,
      );
    } catch (error) {
      if (!hasStatus(error, 304, 404))
        throw named(Reason.Error, `container ${container.name} did not stop`, error);
    }
  }

  async #remove({ id, container }: Inspected): Promise<void> {
    try {
      // With its anonymous volumes: an image can ask for them, and nobody else can use them.
      await this.#components.engine.work('remove', (docker, abortSignal) =>
        docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      );
    } catch (error) {
      // 409: its removal is under way already.
      if (!hasStatus(error, 404, 409))
        throw named(Reason.Error, `container ${container.name} was not removed`, error);
    }
  }
}
