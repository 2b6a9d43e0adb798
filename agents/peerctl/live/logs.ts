import { StatusError } from '../../../api/meta/status-error.ts';
import type { RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { merge } from '../../../controllers/core/merge.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { readLogs } from '../../adapters/rpc/logs.ts';
import type { LogEntry, LogRequest } from '../session.ts';
import type { Network } from './network.ts';

export interface LogComponents {
  store: Store;
  network: Network;
  trustedPeer(name: string): Promise<TrustedPeer>;
}

/** The lines of a Deployment's containers, from whichever peers run them. */
export async function* readAllLogs(
  components: LogComponents,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  const peers = await peersOf(components.store, request);
  const several = peers.length > 1;
  const sources = await Promise.all(
    peers.map(async (name) => readPeer(components, name, several, request, signal)),
  );
  yield* merge(sources);
}

/** Without a word on which replica, the first peer's first; on several peers names are told apart as `alice/web-0`. */
async function peersOf(store: Store, { key, all, replica }: LogRequest): Promise<string[]> {
  const deployment = await store.get(key);
  if (!deployment) throw new StatusError('NotFound', `there is no Deployment ${key.namespace}/${key.name}`);
  const { peers } = deployment.spec.placement;
  const [named] = replica?.includes('/') ? replica.split('/') : [];
  if (named !== undefined) return [named];
  return all ? peers : peers.slice(0, 1);
}

async function* readPeer(
  { network, trustedPeer }: LogComponents,
  peer: string,
  several: boolean,
  { key, replica, all, previous, follow, tail, since }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  const { peerID } = (await trustedPeer(peer)).spec;
  const query = {
    namespace: key.namespace ?? 'default',
    name: key.name,
    replica: replica?.split('/').at(-1),
    all,
    previous,
    follow,
    tail,
    since: since === undefined ? undefined : `${since}000000`,
  };
  const lines: AsyncIterable<RemoteLogLine> = readLogs(network, peerID, query, signal);
  for await (const line of lines) yield several ? { ...line, container: `${peer}/${line.container}` } : line;
}
