import type Docker from 'dockerode';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { RuntimeContainer } from '../../../../controllers/ports/runtime.ts';
import type { Engine } from './engine/engine.ts';
import { hasStatus } from './engine/errors.ts';
import { inParallel } from './engine/in-parallel.ts';
import { type Inspected, interpret } from './inspect.ts';
import { decodeIdentity, Label } from './labels.ts';

export interface ContainersComponents {
  engine: Engine;
  clock: Clock;
  logger: Logger;
}

export interface ContainersInit {
  agentID: string;
  /** Even without a hint a container is inspected again after this time: hints can be lost. */
  reinspectMilliseconds: number;
}

interface Entry {
  /** What the list showed at the time. */
  fingerprint: string;
  inspectedAt: number;
  /** Not there yet while the question is under way. */
  inspected?: Inspected;
}

/** Under way at a time: the engine takes a lock for each, so that more of them are not quicker. */
const MAX_INSPECTS = 8;

/**
 * This agent's containers. The engine's list is cheap and always asked; what only `inspect` shows is remembered
 * for as long as events tell of every change.
 */
export class Containers {
  readonly #components: ContainersComponents;
  readonly #init: ContainersInit;
  readonly #entries = new Map<string, Entry>();
  /** Streams of events that are open: without one, nothing remembered can be trusted. */
  #watchers = 0;

  constructor(components: ContainersComponents, init: ContainersInit) {
    this.#components = components;
    this.#init = init;
  }

  async list(): Promise<RuntimeContainer[]> {
    const summaries = await this.summaries();
    const ids = new Set(summaries.map(({ Id }) => Id));
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
    const found = await inParallel(MAX_INSPECTS, summaries, (summary) => this.#recall(summary));
    return found.flatMap((inspected) => inspected?.container ?? []);
  }

  /** The engine's list of this agent's containers. */
  async summaries(): Promise<Docker.ContainerInfo[]> {
    const { agentID } = this.#init;
    const filters = { label: [`${Label.agent}=${agentID}`] };
    const summaries = await this.#components.engine.ask('list', (docker, abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    );
    return summaries.filter(({ Labels }) => decodeIdentity(agentID, Labels) !== undefined);
  }

  /** The container of this name, as it is now; undefined when there is none, or when it is not this agent's. */
  async find(name: string): Promise<Inspected | undefined> {
    const inspected = await this.#inspect(name);
    // The engine also takes the beginning of an ID for a name.
    return inspected?.container.name === name ? inspected : undefined;
  }

  /** Like {@link find}, but from memory where that can be trusted. */
  async recall(name: string): Promise<Inspected | undefined> {
    const known = [...this.#entries.values()].find(({ inspected }) => inspected?.container.name === name);
    return known?.inspected && this.#isFresh(known) ? known.inspected : this.find(name);
  }

  /** Something happened to it. */
  forget(id: string): void {
    this.#entries.delete(id);
  }

  /** From now on {@link forget} is called for every change, until the result is disposed of. */
  watch(): Disposable {
    this.#entries.clear();
    this.#watchers++;
    return { [Symbol.dispose]: () => void this.#watchers-- };
  }

  async #recall(summary: Docker.ContainerInfo): Promise<Inspected | undefined> {
    const fingerprint = fingerprintOf(summary);
    const known = this.#entries.get(summary.Id);
    if (known?.inspected && known.fingerprint === fingerprint && this.#isFresh(known)) return known.inspected;
    const entry: Entry = { fingerprint, inspectedAt: this.#components.clock.now() };
    this.#entries.set(summary.Id, entry);
    const inspected = await this.#inspect(summary.Id);
    // An event that arrived meanwhile took the entry out: the answer may be older than the event.
    if (inspected && this.#entries.get(summary.Id) === entry) entry.inspected = inspected;
    if (inspected) this.#report(inspected, known?.inspected);
    return inspected;
  }

  #report({ container, changed }: Inspected, before: Inspected | undefined): void {
    if (!container.drifted || before?.container.drifted) return;
    this.#components.logger.warn('container was changed by hand', { container: container.name, changed });
  }

  #isFresh({ inspectedAt }: Entry): boolean {
    const age = this.#components.clock.now() - inspectedAt;
    return this.#watchers > 0 && age < this.#init.reinspectMilliseconds;
  }

  async #inspect(nameOrID: string): Promise<Inspected | undefined> {
    try {
      const info = await this.#components.engine.ask('inspect', (docker, abortSignal) =>
        docker.getContainer(encodeURIComponent(nameOrID)).inspect({ abortSignal }),
      );
      return interpret(this.#init.agentID, info);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }
}

/** Whatever of the list changes when the container does; not the time in `Status`. */
function fingerprintOf({ State, Names, NetworkSettings }: Docker.ContainerInfo): string {
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { EndpointID }]) => [
    name,
    EndpointID,
  ]);
  return JSON.stringify([State, Names, networks]);
}
