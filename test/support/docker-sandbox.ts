import { randomBytes, randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import {
  DockerRuntime,
  type DockerRuntimeComponents,
  type DockerRuntimeInit,
} from '../../agents/adapters/runtime/docker/runtime.ts';
import { translate } from '../../agents/adapters/runtime/docker/translate.ts';
import { systemClock } from '../../agents/adapters/system/clock.ts';
import { type Container, container } from '../../api/v1alpha1/container.ts';
import type { RunRequest, RuntimeContainer } from '../../controllers/ports/runtime.ts';
import { BUSYBOX_IMAGE, docker } from './docker-engine.ts';
import type { InspectedContainer } from './docker-policy.ts';
import { silentLogger } from './silent.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A peer ID that no other test has. */
export function randomPeerID(): string {
  return `12D3KooW${[...randomBytes(44)].map((byte) => BASE58[byte % BASE58.length]).join('')}`;
}

/** An agent of one test file on a shared engine: it removes whatever it made. */
export class DockerSandbox {
  readonly dockerHost: string;
  readonly agentID = randomPeerID();
  readonly runtime: DockerRuntime;

  constructor(
    dockerHost: string,
    init: Partial<DockerRuntimeInit> = {},
    components: Partial<DockerRuntimeComponents> = {},
  ) {
    this.dockerHost = dockerHost;
    this.runtime = new DockerRuntime(
      { clock: systemClock, logger: silentLogger, ...components },
      { agentID: this.agentID, dockerHost, ...init },
    );
  }

  /** The docker command on the same engine. */
  docker(...args: string[]): Promise<string> {
    return docker(this.dockerHost, ...args);
  }

  /** A request to run `spec`, by default a busybox that sleeps. */
  async request(spec: object = {}, identity: Partial<RunRequest> = {}): Promise<RunRequest> {
    const parsed = container.parse({
      name: 'main',
      image: BUSYBOX_IMAGE,
      command: ['sleep', '1000'],
      ...spec,
    });
    return { ...newIdentity(), imageID: await this.imageID(parsed), container: parsed, ...identity };
  }

  async run(spec: object = {}, identity: Partial<RunRequest> = {}): Promise<RuntimeContainer> {
    const request = await this.request(spec, identity);
    await this.runtime.run(request, AbortSignal.timeout(60_000));
    return this.the(request);
  }

  /** The one container of this identity. */
  async the({ uid, ordinal, attempt }: RunRequest): Promise<RuntimeContainer> {
    const found = (await this.runtime.list()).filter(
      (item) => item.uid === uid && item.ordinal === ordinal && item.attempt === attempt,
    );
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} containers instead of one`);
    return found[0];
  }

  /** Makes a container and does not start it, as an agent that died in between; `change` is made to what it asks. */
  async create(request: RunRequest, change: Docker.HostConfig = {}): Promise<string> {
    const engine = new Docker({ socketPath: this.dockerHost.replace('unix://', '') });
    const { cpus } = await this.runtime.info();
    const surroundings = { agentID: this.agentID, cpus, image: { user: '', name: request.imageID } };
    const { name = '', HostConfig, ...options } = translate(request, surroundings);
    const body = { ...options, HostConfig: { ...HostConfig, ...change } };
    // Apart from the query, which could not hold all of it.
    await engine.createContainer({ _query: { name }, _body: body } as Docker.ContainerCreateOptions);
    return name;
  }

  async inspect(name: string): Promise<InspectedContainer> {
    return JSON.parse(await this.docker('inspect', name))[0];
  }

  async cleanUp(): Promise<void> {
    const filter = `label=peercompute.dev/agent=${this.agentID}`;
    const containers = lines(await this.docker('ps', '--all', '--quiet', '--no-trunc', '--filter', filter));
    if (containers.length > 0) await this.docker('rm', '--force', '--volumes', ...containers);
    const networks = lines(await this.docker('network', 'ls', '--quiet', '--filter', filter));
    for (const network of networks) await this.docker('network', 'rm', network).catch(unlessMiscounted);
  }

  private async imageID({ image }: Container): Promise<string> {
    const found = await this.runtime.image(image);
    if (!found) throw new Error(`${image} is not on the engine at ${this.dockerHost}`);
    return found.id;
  }
}

function newIdentity(): Omit<RunRequest, 'container' | 'imageID'> {
  return {
    owner: '',
    uid: randomUUID(),
    namespace: 'default',
    deployment: 'web',
    ordinal: 0,
    templateHash: randomBytes(32).toString('hex'),
    attempt: 0,
    backoffLevel: 0,
    terminationGracePeriodSeconds: 1,
  };
}

/** Docker 20.10 sometimes keeps counting a container that is gone; the network goes with the engine's next start. */
function unlessMiscounted(error: Error): void {
  if (!error.message.includes('has active endpoints')) throw error;
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
