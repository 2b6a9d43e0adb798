import { request } from 'node:http';

/** What is needed to make a container like another one. */
export interface ContainerDescription {
  Config: { Labels: Record<string, string> };
  HostConfig: object;
  NetworkSettings: { Networks: Record<string, { Aliases: string[] }> };
}

/** The Docker Engine with nothing before it: the least that create and start can take. */
export class BareEngine {
  readonly #address: { socketPath: string } | { host: string; port: string };

  /** @param dockerHost As in DOCKER_HOST. */
  constructor(dockerHost: string) {
    const { protocol, pathname, hostname, port } = new URL(dockerHost);
    this.#address = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
  }

  /** The first container that bears this label. */
  async findByLabel(label: string): Promise<ContainerDescription> {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    const [found] = (await this.#ask('GET', `/containers/json?filters=${filters}`)) as { Id: string }[];
    if (!found) throw new Error(`no container bears the label ${label}`);
    return (await this.#ask('GET', `/containers/${found.Id}/json`)) as ContainerDescription;
  }

  /** Makes and starts the same container under another name. Without its labels: it is not the agent's. */
  async createAndStart(
    { Config, HostConfig, NetworkSettings }: ContainerDescription,
    name: string,
  ): Promise<void> {
    const networks = Object.entries(NetworkSettings.Networks).map(([network, { Aliases }]) => {
      return [network, { Aliases }];
    });
    const body = {
      ...Config,
      Labels: {},
      HostConfig,
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks) },
    };
    await this.#ask('POST', `/containers/create?name=${name}`, body);
    await this.#ask('POST', `/containers/${name}/start`);
  }

  async remove(name: string): Promise<void> {
    await this.#ask('DELETE', `/containers/${name}?force=true&v=true`);
  }

  /** @throws Error with the engine's own words when it refuses. */
  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ ...this.#address, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject).end(body && JSON.stringify(body));
    const { status, text } = await promise;
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

interface Response {
  status: number;
  text: string;
}
