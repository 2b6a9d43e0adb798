import type Docker from 'dockerode';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import { RuntimeError } from '../../../../controllers/ports/runtime.ts';
import type { Engine } from './engine/engine.ts';
import { engineMessage, hasStatus, named } from './engine/errors.ts';
import { wait } from './engine/wait.ts';
import { Label } from './labels.ts';
import { networkName } from './names.ts';

export interface NetworksComponents {
  engine: Engine;
  clock: Clock;
  logger: Logger;
}

/** Whose network it is. */
export interface NetworkOwner {
  owner: string;
  namespace: string;
}

/** Another creator of the same network needs a moment before the list shows what it made. */
const ATTEMPTS = 5;
const RETRY_MS = 100;

/**
 * One bridge network per owner and namespace: its containers reach each other, by the name of the Deployment too,
 * and no others. Made when the first container needs it.
 */
export class Networks {
  readonly #components: NetworksComponents;
  readonly #agentID: string;
  /** Networks that containers are being made for: they look unused and are not. */
  readonly #wanted = new Map<string, number>();
  /** The last change of each network: the next one waits for it. */
  readonly #changes = new Map<string, Promise<unknown>>();

  constructor(components: NetworksComponents, init: { agentID: string }) {
    this.#components = components;
    this.#agentID = init.agentID;
  }

  /** Does `work` while the network is there. */
  async use<T>(owner: NetworkOwner, work: () => Promise<T>): Promise<T> {
    const { network } = networkName(this.#agentID, owner.owner, owner.namespace);
    this.#wanted.set(network, (this.#wanted.get(network) ?? 0) + 1);
    try {
      await this.#oneByOne(network, () => this.#ensure(owner));
      return await work();
    } finally {
      const others = (this.#wanted.get(network) ?? 1) - 1;
      if (others > 0) this.#wanted.set(network, others);
      else this.#wanted.delete(network);
    }
  }

  /** Removes our networks that are neither among `members` nor wanted. */
  async prune(members: ReadonlySet<string>): Promise<void> {
    const ours = await this.#list({ label: [`${Label.agent}=${this.#agentID}`] });
    for (const { Name, Id } of ours.filter((network) => !members.has(network.Name))) {
      await this.#oneByOne(Name, async () => {
        if (!this.#wanted.has(Name)) await this.#remove(Name, Id);
      });
    }
  }

  /** Nobody finds a network that is about to go, and of many who miss one the first makes it. */
  async #oneByOne(network: string, change: () => Promise<void>): Promise<void> {
    const changed = Promise.allSettled([this.#changes.get(network)]).then(change);
    this.#changes.set(network, changed);
    try {
      await changed;
    } finally {
      if (this.#changes.get(network) === changed) this.#changes.delete(network);
    }
  }

  async #ensure(owner: NetworkOwner): Promise<void> {
    const { network } = networkName(this.#agentID, owner.owner, owner.namespace);
    for (let attempt = 1; !(await this.#exists(network)); attempt++) {
      const refusal = await this.#create(owner);
      if (refusal && attempt === ATTEMPTS) throw networkFailure(network, refusal);
      if (refusal) await wait(this.#components.clock, RETRY_MS);
    }
  }

  async #exists(network: string): Promise<boolean> {
    const found = await this.#list({ name: [network] });
    // The filter also finds names that only contain it.
    const same = found.find(({ Name }) => Name === network);
    if (same && same.Labels?.[Label.agent] !== this.#agentID)
      throw new RuntimeError(
        Reason.CreateFailed,
        `a network named ${network} exists that this agent did not make: "docker network rm ${network}" makes room`,
      );
    return same !== undefined;
  }

  /** Answers the engine's refusal where another creator may have been quicker. */
  async #create(owner: NetworkOwner): Promise<unknown> {
    const options = networkOptions(this.#agentID, owner);
    // Apart from the query: the client would repeat it in the address.
    const request = { _query: {}, _body: options };
    const call = (docker: Docker, abortSignal: AbortSignal) =>
      docker.createNetwork({ ...request, abortSignal } as unknown as Docker.NetworkCreateOptions);
    try {
      await this.#components.engine.work('create_network', call);
      this.#components.logger.info('network was created', { network: options.Name });
      return undefined;
    } catch (error) {
      if (hasStatus(error, 403, 409)) return error;
      throw networkFailure(options.Name, error);
    }
  }

  async #remove(name: string, id: string): Promise<void> {
    try {
      await this.#components.engine.work('remove_network', (docker, abortSignal) =>
        docker.getNetwork(id).remove({ abortSignal }),
      );
      this.#components.logger.info('unused network was removed', { network: name });
    } catch (error) {
      // 404: someone else removed it.
      if (hasStatus(error, 404)) return;
      // 403: somebody joined it by hand; or nobody did, and the engine lost count until its next start.
      if (!hasStatus(error, 403)) throw named(Reason.Error, `network ${name} was not removed`, error);
      this.#components.logger.debug('unused network was kept', {
        network: name,
        error: engineMessage(error),
      });
    }
  }

  #list(filters: Record<string, string[]>): Promise<Docker.NetworkInspectInfo[]> {
    return this.#components.engine.ask('list_networks', (docker, abortSignal) =>
      docker.listNetworks({ filters, abortSignal }),
    );
  }
}

function networkOptions(agentID: string, { owner, namespace }: NetworkOwner): Docker.NetworkCreateOptions {
  const { network, bridge } = networkName(agentID, owner, namespace);
  return {
    Name: network,
    CheckDuplicate: true,
    Driver: 'bridge',
    // Every rule about what a guest may reach is written for IPv4.
    EnableIPv6: false,
    Options: {
      'com.docker.network.bridge.name': bridge,
      'com.docker.network.bridge.enable_icc': 'true',
      'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
    },
    Labels: { [Label.agent]: agentID, [Label.owner]: owner, [Label.namespace]: namespace },
  };
}

function networkFailure(network: string, error: unknown): unknown {
  const exhausted = /non-overlapping|all predefined address pools|no available network/i;
  if (!exhausted.test(engineMessage(error)))
    return named(Reason.CreateFailed, `network ${network} was not created`, error);
  return new RuntimeError(
    Reason.CreateFailed,
    `network ${network} was not created: Docker has no subnet left for it; "docker network prune" frees unused ones, default-address-pools in /etc/docker/daemon.json adds more`,
    { cause: error },
  );
}
