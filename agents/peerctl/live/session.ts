import { join } from 'node:path';
import { keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { ended, sleep } from '../../../controllers/core/abort.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Applicable, Store } from '../../../controllers/ports/store.ts';
import { allowList } from '../../../controllers/trusted-peer/allow-list.ts';
import type { Identity } from '../../adapters/identity/identity.ts';
import { acquireLease, type Lease } from '../../adapters/store/lease.ts';
import type { Context } from '../context.ts';
import type { LogEntry, LogRequest, Preview, Session, SyncOptions } from '../session.ts';
import { terminalLogger } from '../stores.ts';
import type { Network } from './network.ts';
import { untilSettled } from './settled.ts';
import type { Syncing } from './syncing.ts';

/** Libp2p costs a command as much as all the rest of it: loaded when a peer is to be asked, and not before. */
const loadNetwork = () => import('./network.ts');
const loadSyncing = () => import('./syncing.ts');

/** Nor is an identity of use, or a passphrase asked for, where another process does what is to be done. */
const loadOwnIdentity = () => import('../identity/own-identity.ts');

/** Whoever syncs may end at any time; then we take over, in milliseconds. */
const TAKE_OVER_MS = 500;

/** The way to the peers with the identity of this state directory. */
export async function openSession(context: Context): Promise<Session> {
  const store = await context.store();
  const openIdentity = async () => (await loadOwnIdentity()).ownIdentity(context);
  const components = { store, openIdentity, clock: context.clock, logger: terminalLogger(context) };
  return new LiveSession(components, { leaseFile: join(context.stateDirectory, 'sync.lock') });
}

interface Components {
  store: Store;
  /** @throws StatusError where there is none. */
  openIdentity(): Promise<Identity>;
  clock: Clock;
  logger: Logger;
}

/** Syncing, and the right to: one process at a time has it. */
interface Held extends Syncing {
  lease: Lease;
}

class LiveSession implements Session {
  readonly #components: Components;
  readonly #leaseFile: string;
  /** Ends everything the session has begun. */
  readonly #ending = new AbortController();
  #identity: Promise<Identity> | undefined;
  #network: Promise<Network> | undefined;
  #syncing: Promise<Held | undefined> | undefined;

  constructor(components: Components, init: { leaseFile: string }) {
    this.#components = components;
    this.#leaseFile = init.leaseFile;
  }

  async peerID(): Promise<string> {
    return (await this.#openIdentity()).peerID;
  }

  async deliver(keys: readonly ObjectKey<'Deployment'>[], signal: AbortSignal): Promise<void> {
    const { store } = this.#components;
    const byAnother = untilSettled(store, keys, signal);
    const syncing = await this.#syncUnless(byAnother, signal);
    if (!syncing) return byAnother;
    byAnother.catch(() => undefined); // What fails there fails below, where it is told.
    // What the status says from before this pass is not about what is being delivered now.
    await syncing.manager.settled(signal);
    await untilSettled(store, keys, signal);
  }

  async preview(deployment: Applicable<'Deployment'>): Promise<Preview[]> {
    const [{ peers }, { previewAll }] = await Promise.all([this.#allowAll(), import('./preview.ts')]);
    return previewAll(peers, deployment, (name) => this.#trustedPeer(name));
  }

  async ping(name: string): Promise<{ milliseconds: number; address: string }> {
    const { peers, transport } = await this.#allowAll();
    const { peerID } = (await this.#trustedPeer(name)).spec;
    const store = peers.store(peerID);
    await store.list('TrustedPeer');
    const begun = performance.now();
    await store.list('TrustedPeer');
    const connection = transport.connections().find((open) => open.peerID === peerID);
    return { milliseconds: performance.now() - begun, address: connection?.address ?? '' };
  }

  async *logs(request: LogRequest, signal: AbortSignal): AsyncIterable<LogEntry> {
    const [network, { readAllLogs }] = await Promise.all([this.#allowAll(), import('./logs.ts')]);
    const { store } = this.#components;
    yield* readAllLogs({ store, network, trustedPeer: (name) => this.#trustedPeer(name) }, request, signal);
  }

  async sync({ watch, onStandby }: SyncOptions, signal: AbortSignal): Promise<void> {
    const first = await this.#sync();
    if (!watch) return first ? first.manager.settled(signal, { horizonMs: 1_000 }) : this.#allSettled(signal);
    if (!first) onStandby?.();
    const syncing = first ?? (await this.#syncUnless(ended(signal), signal));
    await Promise.race([syncing?.ended, ended(signal)]);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const syncing = await this.#syncing?.catch(() => undefined); // Told by whatever needed it.
    await syncing?.ended;
    syncing?.lease.release();
  }

  /** Another process is at it. */
  async #allSettled(signal: AbortSignal): Promise<void> {
    const { store } = this.#components;
    const { items } = await store.list('Deployment', { owner: '' });
    await untilSettled(store, items.map(keyOf), signal);
  }

  /** Syncs as soon as nobody else does. Undefined when `done` comes first. */
  async #syncUnless(done: Promise<void>, signal: AbortSignal): Promise<Held | undefined> {
    const isDone = done.then(() => true);
    for (;;) {
      const syncing = await this.#sync();
      const later = sleep(this.#components.clock, TAKE_OVER_MS, signal);
      if (syncing || (await Promise.race([isDone, later]))) return syncing;
    }
  }

  /** Begins to sync, once; undefined while another process does. */
  async #sync(): Promise<Held | undefined> {
    this.#syncing ??= this.#begin();
    const syncing = await this.#syncing;
    if (!syncing) this.#syncing = undefined;
    return syncing;
  }

  async #begin(): Promise<Held | undefined> {
    const lease = await acquireLease(this.#leaseFile);
    if ('holder' in lease) return undefined;
    try {
      const [network, { startSyncing }] = await Promise.all([this.#connect(), loadSyncing()]);
      return { ...startSyncing(this.#components.store, network, this.#ending.signal), lease };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  #connect(): Promise<Network> {
    this.#network ??= this.#openNetwork();
    return this.#network;
  }

  async #openNetwork(): Promise<Network> {
    const [identity, { openNetwork }] = await Promise.all([this.#openIdentity(), loadNetwork()]);
    return openNetwork({ ...this.#components, identity }, this.#ending.signal);
  }

  #openIdentity(): Promise<Identity> {
    this.#identity ??= this.#components.openIdentity();
    return this.#identity;
  }

  /** For questions that need no controllers: they would keep the list themselves. */
  async #allowAll(): Promise<Network> {
    const network = await this.#connect();
    if (this.#syncing) return network;
    const { items } = await this.#components.store.list('TrustedPeer');
    network.transport.allow(allowList(items, network.clock.now()));
    return network;
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
