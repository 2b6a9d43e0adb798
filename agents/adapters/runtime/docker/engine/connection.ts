import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import Docker from 'dockerode';

/** One client of the engine's API. */
export interface Connection {
  docker: Docker;
  /** Where the engine is, for messages: `unix:///var/run/docker.sock`. */
  address: string;
}

export interface ConnectionInit {
  /** As in DOCKER_HOST. Default: DOCKER_HOST, else the usual socket. */
  dockerHost: string | undefined;
  /** Requests under way at a time; more wait their turn. */
  maxSockets: number;
  /** A request whose connection is silent for so long is given up. */
  timeoutMilliseconds?: number;
}

/**
 * The steps of a start follow each other within milliseconds. A connection that has been idle for longer may be one to
 * an engine that has restarted since, and would fail the next call.
 */
const IDLE_MS = 100;

/**
 * The API version is left to the engine: 29 refuses what 20.10 speaks. Nothing is dialled yet.
 * @throws RangeError when the address is not one of an engine.
 */
export function connect({ dockerHost, maxSockets, timeoutMilliseconds }: ConnectionInit): Connection {
  const address = dockerHost ?? process.env.DOCKER_HOST;
  const endpoint = address === undefined ? {} : parseAddress(address);
  const pool = { keepAlive: true, maxSockets };
  const agent = endpoint.protocol === 'https' ? new HttpsAgent(pool) : new HttpAgent(pool);
  keepBriefly(agent);
  // The client formats all of its options for a debug log before every request, whether that is on or not: with the
  // agent's sockets in them this took 20 ms.
  Object.assign(agent, { [inspect.custom]: () => 'Agent' });
  const options = { ...endpoint, agent, timeout: timeoutMilliseconds };
  return {
    docker: new Docker(options),
    address: address ?? 'unix:///var/run/docker.sock',
  };
}

function keepBriefly(agent: HttpAgent): void {
  const { keepSocketAlive, reuseSocket } = agent;
  agent.keepSocketAlive = (socket) => {
    const isKept = keepSocketAlive.call(agent, socket);
    (socket as Socket).setTimeout(IDLE_MS);
    return isKept;
  };
  agent.reuseSocket = (socket, request) => {
    (socket as Socket).setTimeout(0);
    reuseSocket.call(agent, socket, request);
  };
}

/** Names every member: the client would fill the others from the environment. */
function parseAddress(address: string): Docker.DockerOptions {
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socket !== undefined) return { socketPath: socket, host: undefined, port: undefined, protocol: 'http' };
  const url = URL.parse(address);
  if (!url || !['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new RangeError(
      `"${address}" is not the address of a Docker engine; write unix:///var/run/docker.sock or tcp://127.0.0.1:2375`,
    );
  const secure = url.protocol === 'https:' || url.port === '2376' || process.env.DOCKER_TLS_VERIFY === '1';
  return { host: url.hostname, port: url.port || '2375', protocol: secure ? 'https' : 'http' };
}
