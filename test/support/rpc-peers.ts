import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { RemoteStore } from '../../agents/adapters/rpc/remote-store.ts';
import { ReplayGuard } from '../../agents/adapters/rpc/replay-guard.ts';
import type { ReplayLog, Sighting } from '../../agents/adapters/rpc/replay-log.ts';
import { StoreServer } from '../../agents/adapters/rpc/store-server.ts';
import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { addressOf, MemoryNetwork } from '../../agents/adapters/transport/memory/network.ts';
import { MemoryTransport } from '../../agents/adapters/transport/memory/transport.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLogger } from './fake-logger.ts';
import { ownedStore } from './rpc-owned-store.ts';

/** A program of one peer, as far as the wire is concerned. */
export interface Peer {
  identity: Identity;
  transport: MemoryTransport;
}

/** A developer and a provider that trust each other, in one process. */
export interface Peers {
  clock: FakeClock;
  network: MemoryNetwork;
  logger: FakeLogger;
  developer: Peer;
  provider: Peer;
  /** Everything that the provider holds, of all owners. */
  store: Store;
  /** The provider's Store as it shows it to the developer. */
  remote: RemoteStore;
  /** Stops the provider's server and its guard, and starts them again. */
  restart(): Promise<void>;
  stop(): void;
}

export interface PeersInit {
  /** Replaces what the provider shows a peer. */
  storeFor?(peerID: string, store: Store): Store;
  version?: string;
  /** Where the provider's guard remembers. */
  log?: ReplayLog;
}

/** Starts both peers; the provider serves its Store to the developer. */
export async function startPeers(init: PeersInit = {}): Promise<Peers> {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  const logger = new FakeLogger();
  const stopping = new AbortController();
  const [developer, provider] = [newPeer(network, clock), newPeer(network, clock)];
  introduce(developer, provider);
  for (const { transport } of [developer, provider]) await transport.start(stopping.signal);

  const store = new MemoryStore({ clock });
  const log = init.log ?? new MemoryReplayLog();
  let serving = new AbortController();
  const serve = async () => {
    serving = new AbortController();
    const replayGuard = new ReplayGuard({ clock, logger, log });
    await replayGuard.start(serving.signal);
    const storeFor = (peerID: string) => (init.storeFor ?? defaultStore)(peerID, store);
    const components = { ...provider, clock, logger, replayGuard, storeFor };
    await new StoreServer(components, { version: init.version ?? '0.1.0' }).start(serving.signal);
  };
  await serve();
  const restart = () => {
    serving.abort();
    return serve();
  };
  const stop = () => {
    serving.abort();
    stopping.abort();
  };
  const remote = new RemoteStore({ ...developer, clock }, { peerID: provider.identity.peerID });
  return { clock, network, logger, developer, provider, store, remote, restart, stop };
}

export function newPeer(network: MemoryNetwork, clock: FakeClock): Peer {
  const identity = generateIdentity();
  return { identity, transport: new MemoryTransport({ network, clock }, { peerID: identity.peerID }) };
}

/** Each may be dialled by the other. */
export function introduce(...peers: readonly Peer[]): void {
  for (const { transport } of peers)
    transport.allow(
      peers
        .filter((other) => other.transport !== transport)
        .map(({ identity: { peerID } }) => ({ peerID, addresses: [addressOf(peerID)] })),
    );
}

/** A replay log that outlives the guard but not the test. */
export class MemoryReplayLog implements ReplayLog {
  sightings: Sighting[] = [];

  async *load(): AsyncIterable<Sighting> {
    yield* this.sightings;
  }

  async append(sighting: Sighting): Promise<void> {
    this.sightings.push(sighting);
  }

  async replace(sightings: readonly Sighting[]): Promise<void> {
    this.sightings = [...sightings];
  }

  async close(): Promise<void> {}
}

function defaultStore(peerID: string, store: Store): Store {
  return ownedStore(store, peerID);
}
