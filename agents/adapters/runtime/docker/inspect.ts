import type Docker from 'dockerode';
import type { PublishedPort, RuntimeContainer } from '../../../../controllers/ports/runtime.ts';
import { actualFloor, differences, type Floor } from './floor.ts';
import { decodeIdentity, Label } from './labels.ts';
import { containerName } from './names.ts';

/** One container of ours: what the port answers, and what only this adapter needs. */
export interface Inspected {
  id: string;
  container: RuntimeContainer;
  /** Members of the isolation floor that someone changed, for the log. */
  changed: string[];
  paused: boolean;
  /** Its own address, while it runs on a network. */
  address: { ip: string; gateway: string } | undefined;
  portNames: ReadonlyMap<string, number>;
}

/** Docker writes this for "never". */
const NEVER = Date.parse('0001-01-01T00:00:00Z');

/** A process that ends this soon with 126 or 127 was never what the spec asked for. */
const SOON_MS = 2_000;

/** What `inspect` says, or undefined when the container is not this agent's. */
export function interpret(agentID: string, info: Docker.ContainerInspectInfo): Inspected | undefined {
  const labels = info.Config.Labels ?? {};
  const identity = decodeIdentity(agentID, labels);
  if (!identity || labels[Label.imageID] !== info.Config.Image) return undefined;
  const name = info.Name.slice(1);
  const changed = differences(parseFloor(labels[Label.floor]), actualFloor(info));
  if (name !== containerName(agentID, identity)) changed.push('Name');
  const container: RuntimeContainer = {
    ...identity,
    ...stateOf(info),
    name,
    createdAt: Date.parse(info.Created),
    image: labels[Label.image] || info.Image,
    ports: publishedPorts(info.NetworkSettings.Ports),
    drifted: changed.length > 0,
  };
  return {
    id: info.Id,
    container,
    changed,
    paused: info.State.Paused,
    address: addressOf(info),
    portNames: parsePortNames(labels[Label.portNames]),
  };
}

type State = Pick<
  RuntimeContainer,
  'state' | 'exitCode' | 'oomKilled' | 'error' | 'startedAt' | 'finishedAt'
>;

function stateOf({ State, Created }: Docker.ContainerInspectInfo): State {
  const { OOMKilled: oomKilled, ExitCode: exitCode } = State;
  const startedAt = time(State.StartedAt);
  if (State.Running) return { state: 'Running', oomKilled, ...(startedAt && { startedAt }) };
  const failedToStart = State.Error !== '' || exitCode !== 0;
  if (State.Status === 'created' && !failedToStart) return { state: 'Created', oomKilled };
  // A start that failed leaves no time behind: a back-off needs one to count from.
  // One that ended at once may show an end before its start, by the order in which the engine took notice.
  const finishedAt = Math.max(time(State.FinishedAt) ?? Date.parse(Created), startedAt ?? 0);
  const error =
    State.Error || (startedAt === undefined ? undefined : missing(exitCode, finishedAt - startedAt));
  return {
    state: 'Exited',
    exitCode,
    oomKilled,
    finishedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(error && { error }),
  };
}

/** Under an init process Docker's start succeeds also where there is nothing to execute: only the code tells. */
function missing(exitCode: number, ranMilliseconds: number): string | undefined {
  if (ranMilliseconds > SOON_MS) return undefined;
  if (exitCode === 127) return 'a command was not found in the image (exit code 127)';
  if (exitCode === 126) return 'a command is not executable, or not for this user (exit code 126)';
  return undefined;
}

function time(text: string): number | undefined {
  const milliseconds = Date.parse(text);
  return milliseconds > NEVER ? milliseconds : undefined;
}

function publishedPorts(ports: Docker.ContainerInspectInfo['NetworkSettings']['Ports']): PublishedPort[] {
  return Object.entries(ports ?? {}).flatMap(([key, hosts]) => {
    const [port, protocol] = key.split('/');
    const host = hosts?.find(({ HostIp }) => HostIp === '127.0.0.1');
    if (!host) return [];
    return {
      containerPort: Number(port),
      protocol: protocol === 'udp' ? 'UDP' : 'TCP',
      hostPort: Number(host.HostPort),
    };
  });
}

function addressOf(info: Docker.ContainerInspectInfo): Inspected['address'] {
  const network = Object.values(info.NetworkSettings.Networks ?? {}).find(({ IPAddress }) => IPAddress);
  return network && { ip: network.IPAddress, gateway: network.Gateway };
}

function parsePortNames(text = ''): Map<string, number> {
  const pairs = text.split(',').filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const [name = '', port] = pair.split('=');
      return [name, Number(port)];
    }),
  );
}

/** A label that is not JSON differs from everything: drifted. */
function parseFloor(text = ''): Floor {
  try {
    return JSON.parse(text) as Floor;
  } catch {
    return { floor: 'unreadable' };
  }
}
