import { join } from 'node:path';
import type { ObjectKey } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import type { Applicable, Store } from '../../../controllers/ports/store.ts';
import { allowList } from '../../../controllers/trusted-peer/allow-list.ts';
import { acquireLease, type Lease } from '../../adapters/store/lease.ts';
import type { Context } from '../context.ts';
import type { LogEntry, LogRequest, Preview, Session } from '../session.ts';
import { terminalLogger } from '../stores.ts';
import { readAllLogs } from './logs.ts';
import { type Network, openNetwork } from './network.ts';
import { previewAll } from './preview.ts';
import { untilSettled } from './settled.ts';
import { type Syncing, startSyncing } from './syncing.ts';

/** Opens the way to the peers with the identity of this state directory. @throws StatusError where there is none. */
export async function openSession(context: Context): Promise<Session> {
  const store = await context.store();
  const ending = new AbortController();
  const network = await openNetwork(
    { clock: context.clock, logger: terminalLogger(context) },
    {
      identityFile: context.identityFile,
      passphrase: context.env.PEERCOMPUTE_PASSPHRASE,
      signal: ending.signal,
    },
  );
  return new LiveSession(
    { store, network, ending },
    { leaseFile: join(context.stateDirectory, 'sync.lock') },
  );
}

interface Components {
  store: Store;
  network: Network;
  /** Ends everything the session has begun. */
  ending: AbortController;
}

/** Syncing, and the right to: one process at a time has it. */
interface Held extends Syncing {
  lease: Lease;
}

class LiveSession implements Session {
  readonly #components: Components;
  readonly #leaseFile: string;
  #syncing: Promise<Held | undefined> | undefined;

  constructor(components: Components, init: { leaseFile: string }) {
    this.#components = components;
    this.#leaseFile = init.leaseFile;
  }

  get peerID(): string {
    return this.#components.network.identity.peerID;
  }

  async deliver(keys: readonly ObjectKey<'Deployment'>[], signal: AbortSignal): Promise<void> {
    const syncing = await this.#sync();
    // What the status says from before this pass is not about what is being delivered now.
    await syncing?.manager.settled(signal);
    await untilSettled(this.#components.store, keys, signal);
  }

  async preview(deployment: Applicable<'Deployment'>): Promise<Preview[]> {
    await this.#allowAll();
    return previewAll(this.#components.network.peers, deployment, (name) => this.#trustedPeer(name));
  }

  async ping(name: string): Promise<{ milliseconds: number; address: string }> {
    const { network } = this.#components;
    await this.#allowAll();
    const { peerID } = (await this.#trustedPeer(name)).spec;
    const store = network.peers.store(peerID);
    await store.list('TrustedPeer');
    const begun = performance.now();
    await store.list('TrustedPeer');
    const connection = network.transport.connections().find((open) => open.peerID === peerID);
    return { milliseconds: performance.now() - begun, address: connection?.address ?? '' };
  }

  async *logs(request: LogRequest, signal: AbortSignal): AsyncIterable<LogEntry> {
    await this.#allowAll();
    const { store, network } = this.#components;
    yield* readAllLogs({ store, network, trustedPeer: (name) => this.#trustedPeer(name) }, request, signal);
  }

  async sync({ watch }: { watch: boolean }, signal: AbortSignal): Promise<void> {
    const syncing = await this.#sync();
    if (!syncing) throw new StatusError('Conflict', 'another peerctl syncs this state directory already');
    if (!watch) return syncing.manager.settled(signal, { horizonMs: 1_000 });
    await Promise.race([
      syncing.ended,
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    ]);
  }

  async close(): Promise<void> {
    this.#components.ending.abort();
    const syncing = await this.#syncing;
    await syncing?.ended;
    await syncing?.lease.release();
  }

  /** Begins to sync, once; undefined while another process does. */
  #sync(): Promise<Held | undefined> {
    this.#syncing ??= this.#begin();
    return this.#syncing;
  }

  async #begin(): Promise<Held | undefined> {
    const lease = await acquireLease(this.#leaseFile);
    if ('holder' in lease) return undefined;
    const { store, network, ending } = this.#components;
    return { ...startSyncing(store, network, ending.signal), lease };
  }

  /** For questions that need no controllers: they would keep the list themselves. */
  async #allowAll(): Promise<void> {
    if (this.#syncing) return;
    const { store, network } = this.#components;
    const { items } = await store.list('TrustedPeer');
    network.transport.allow(allowList(items, network.clock.now()));
  }

  async #trustedPeer(name: string): Promise<TrustedPeer> {
    const peer = await this.#components.store.get({ kind: 'TrustedPeer', name });
    if (peer) return peer;
    throw new StatusError(
      'NotFound',
      `there is no TrustedPeer "${name}"; "peerctl peers list" shows those there are`,
      { cause: Reason.PeerNotTrusted },
    );
  }
}
