import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { RemotePeers } from '../../agents/adapters/rpc/remote-peers.ts';
import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { addressOf, MemoryNetwork } from '../../agents/adapters/transport/memory/network.ts';
import { MemoryTransport } from '../../agents/adapters/transport/memory/transport.ts';
import { assemble } from '../../agents/peercomputed/assemble.ts';
import type { Network } from '../../agents/peerctl/live/network.ts';
import { startSyncing } from '../../agents/peerctl/live/syncing.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { FakeRuntime } from '../fakes/fake-runtime.ts';
import { eventually } from '../support/eventually.ts';
import { deployment, trustedPeer } from '../support/objects.ts';
import { silentLogger as logger, silentMetrics as metrics } from '../support/silent.ts';

/** A program with its own identity, state and end. */
interface Party {
  identity: Identity;
  store: Store;
  transport: MemoryTransport;
  stop(): Promise<void>;
}

export interface Provider extends Party {
  runtime: FakeRuntime;
}

/** The whole control plane in one process: real controllers, signatures and messages; no disk, socket or engine. */
export class ControlPlane {
  readonly network = new MemoryNetwork({ clock });
  readonly #parties: Party[] = [];
  readonly #directories: string[] = [];

  /** An agent; with the parts of an earlier one it is that one, started again. */
  async provider(again?: Provider): Promise<Provider> {
    const identity = again?.identity ?? generateIdentity();
    const store = again?.store ?? new MemoryStore({ clock });
    const runtime = again?.runtime ?? engine();
    const transport = new MemoryTransport({ network: this.network, clock }, { peerID: identity.peerID });
    const stateDirectory = await mkdtemp(join(tmpdir(), 'peercompute-envtest-'));
    this.#directories.push(stateDirectory);
    const end = new AbortController();
    const world = {
      store,
      runtime,
      transport,
      identity,
      clock,
      logger,
      metrics,
      machine: { platform: 'linux/amd64' },
    };
    const manager = assemble(world, { ceiling: {}, stateDirectory }, end.signal);
    const ended = manager.start(end.signal);
    await transport.start(end.signal);
    return this.#add({ identity, store, transport, runtime, stop: stopper(end, ended) });
  }

  /** A developer who syncs all the time; with the parts of an earlier one it is that one, started again. */
  async developer(again?: Party): Promise<Party> {
    const identity = again?.identity ?? generateIdentity();
    const store = again?.store ?? new MemoryStore({ clock });
    const transport = new MemoryTransport(
      { network: this.network, clock },
      { peerID: identity.peerID, listen: false },
    );
    const end = new AbortController();
    await transport.start(end.signal);
    const peers = new RemotePeers({ transport, identity, clock });
    const network: Network = { identity, transport, peers, clock, logger };
    const { ended } = startSyncing(store, network, end.signal);
    return this.#add({ identity, store, transport, stop: stopper(end, ended) });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#parties.map((party) => party.stop()));
    await Promise.all(this.#directories.map((directory) => rm(directory, { recursive: true })));
  }

  #add<P extends Party>(party: P): P {
    this.#parties.push(party);
    return party;
  }
}

/** Both write the other down: the developer under the provider's name, the provider with grants. */
export async function introduce(
  developer: Party,
  provider: Party,
  name: string,
  grants: MergePatch = { deploy: { resources: { cpu: '8', memory: '8Gi' } }, logs: true },
): Promise<void> {
  const { peerID } = developer.identity;
  await provider.store.apply(trustedPeer(`peer-${peerID.slice(-8).toLowerCase()}`, peerID, { grants }));
  await developer.store.apply(
    trustedPeer(name, provider.identity.peerID, { addresses: [addressOf(provider.identity.peerID)] }),
  );
}

export async function apply(developer: Party, name: string, spec: MergePatch = {}): Promise<Deployment> {
  const { apiVersion, kind, metadata, spec: valid } = deployment(name, spec);
  const { object } = await developer.store.apply({
    apiVersion,
    kind,
    metadata: { name, namespace: metadata.namespace },
    spec: valid,
  });
  return object;
}

/** The developer's own view of a Deployment, once it is as wanted. */
export async function deploymentThat(
  developer: Party,
  name: string,
  isWanted: (found: Deployment) => boolean,
): Promise<Deployment> {
  let found: Deployment | undefined;
  await eventually(async () => {
    found = await developer.store.get({ kind: 'Deployment', namespace: 'default', name });
    if (!found || !isWanted(found))
      throw new Error(`deployment/${name} is not as wanted: ${JSON.stringify(found?.status, null, 1)}`);
  });
  return found as Deployment;
}

export function reasonOf(object: Deployment | TrustedPeer, type: string): string | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type)?.reason;
}

export function isReady(found: Deployment): boolean {
  const ready = found.status?.conditions?.find(({ type }) => type === 'Ready');
  return found.status?.observedGeneration === found.metadata.generation && ready?.status === 'True';
}

/** An engine that has the image that every test's Deployments run. */
function engine(): FakeRuntime {
  const runtime = new FakeRuntime({ clock });
  runtime.images.load('peercompute.local/web:1');
  return runtime;
}

function stopper(end: AbortController, ended: Promise<void>): () => Promise<void> {
  return () => {
    end.abort();
    return ended;
  };
}
