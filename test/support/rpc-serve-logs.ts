import { LogServer, type LogServerComponents } from '../../agents/adapters/rpc/log-server.ts';
import { ReplayGuard } from '../../agents/adapters/rpc/replay-guard.ts';
import { MemoryReplayLog, type Peers } from './rpc-peers.ts';

export type OpenLogs = LogServerComponents['open'];

/** Makes the provider serve the lines that `open` answers. */
export async function serveLogs(peers: Peers, open: OpenLogs, signal: AbortSignal): Promise<void> {
  const { clock, logger, provider } = peers;
  const replayGuard = new ReplayGuard({ clock, logger, log: new MemoryReplayLog() });
  await replayGuard.start(signal);
  const components = { ...provider, clock, logger, replayGuard, open };
  await new LogServer(components, { version: '0.1.0' }).start(signal);
}
