import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { findCondition } from '../../api/meta/condition.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import { eventually } from '../../test/support/eventually.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ALICE, BOB, trustedPeer } from '../../test/support/objects.ts';
import { silentLogger, silentMetrics } from '../../test/support/silent.ts';
import { Informer } from '../core/informer.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { AllowedPeer, PeerConnection, Transport } from '../ports/transport.ts';
import { allowList, nextExpiry } from './allow-list.ts';
import { keepAllowList } from './keep-allow-list.ts';
import { peerKeys, TrustedPeerReconciler } from './reconciler.ts';
import { trustedPeerController } from './trusted-peer-controller.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const KEY = { kind: 'TrustedPeer', name: 'alice' } as const;

describe('allowList', () => {
  it('is every peer that is trusted now, with all its addresses', () => {
    const peers = [
      trustedPeer('alice', ALICE, { addresses: ['/ip4/10.0.0.1/tcp/9000'] }),
      trustedPeer('alice-at-work', ALICE, { addresses: ['/ip4/10.1.0.1/tcp/9000'] }),
      trustedPeer('bob', BOB, { expiresAt: '2026-01-01T11:00:00Z' }),
      trustedPeer('carol', BOB, {}, { deletionTimestamp: '2026-01-01T11:00:00Z' }),
    ];
    expect(allowList(peers, NOON)).toEqual([
      { peerID: ALICE, addresses: ['/ip4/10.0.0.1/tcp/9000', '/ip4/10.1.0.1/tcp/9000'] },
    ]);
  });

  it('says who is a gateway of ours, and who may be reached through us', () => {
    const gateway = { labels: { 'peercompute.dev/role': 'gateway' } };
    const peers = [
      trustedPeer('alice', ALICE, { grants: { relay: true } }),
      trustedPeer('bob', BOB, {}, gateway),
      trustedPeer('bob-again', BOB),
    ];
    expect(allowList(peers, NOON)).toEqual([
      { peerID: ALICE, addresses: [], relay: true },
      { peerID: BOB, addresses: [], gateway: true },
    ]);
  });

  it('knows when the next trust ends', () => {
    const ends = (expiresAt: string) => trustedPeer('x', ALICE, { expiresAt });
    expect(
      nextExpiry(
        [ends('2026-01-01T13:00:00Z'), ends('2026-01-01T12:30:00Z'), ends('2026-01-01T11:00:00Z')],
        NOON,
      ),
    ).toBe(1_800_000);
    expect(nextExpiry([trustedPeer('y', BOB)], NOON)).toBeUndefined();
  });
});

describe('keepAllowList', () => {
  it('lets peers in and out in the moment their TrustedPeer changes or expires', async () => {
    const clock = new FakeClock(NOON);
    const store = new MemoryStore({ clock });
    const trustedPeers = new Informer({ store, clock, logger: silentLogger }, { kind: 'TrustedPeer' });
    let allowed: readonly AllowedPeer[] = [];
    const transport = { allow: (peers: readonly AllowedPeer[]) => (allowed = peers) };
    const stop = new AbortController();
    keepAllowList({ trustedPeers, transport, clock }, stop.signal);
    const ended = trustedPeers.start(stop.signal);
    await store.apply(trustedPeer('alice', ALICE));
    await store.apply(trustedPeer('bob', BOB, { expiresAt: '2026-01-01T13:00:00Z' }));
    await eventually(() => expect(allowed.map(({ peerID }) => peerID)).toEqual([ALICE, BOB]));
    await clock.advance(3_600_000);
    expect(allowed.map(({ peerID }) => peerID)).toEqual([ALICE]);
    await store.delete(KEY);
    await eventually(() => expect(allowed).toEqual([]));
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });
});

describe('TrustedPeerReconciler', () => {
  const connection: PeerConnection = {
    peerID: ALICE,
    address: '/ip4/10.0.0.1/tcp/9000',
    direction: 'outbound',
    openedAt: NOON,
  };

  async function world(answer: () => Promise<TrustedPeer[]>) {
    const clock = new FakeClock(NOON);
    const store = new MemoryStore({ clock });
    await store.apply(trustedPeer('alice', ALICE));
    const connections: PeerConnection[] = [];
    const peer = { list: async () => ({ items: await answer(), resourceVersion: '1' }) };
    const reconciler = new TrustedPeerReconciler({
      store,
      clock,
      transport: { connections: () => connections },
      status: new StatusWriter({ store, clock }),
      peers: { store: () => peer as never },
    });
    const status = async () => (await store.get(KEY))?.status;
    const version = async () => (await store.get(KEY))?.metadata.resourceVersion;
    return { clock, connections, reconciler, status, version, store };
  }

  const granting = async () => [
    {
      ...trustedPeer('self', BOB, { grants: { deploy: {}, logs: true } }),
      status: {
        platform: 'linux/arm64',
        agentVersion: '0.1.0',
        usage: { deployments: 1, replicas: 2, cpu: '1', memory: '512Mi' },
      },
    },
  ];

  it('shows over which address a peer is connected, what it grants us, and what we use', async () => {
    const { connections, reconciler, status, version } = await world(granting);
    connections.push(connection);
    await reconciler.reconcile(KEY);
    expect(await status()).toMatchObject({
      address: connection.address,
      platform: 'linux/arm64',
      granted: { logs: true },
      used: { replicas: 2 },
    });
    expect(findCondition((await status())?.conditions, 'Connected')).toMatchObject({
      status: 'True',
      reason: 'Direct',
    });
    expect(findCondition((await status())?.conditions, 'Granted')).toMatchObject({
      status: 'True',
      message: 'granted: deploy, logs',
    });
    const before = await version();
    await reconciler.reconcile(KEY);
    expect(await version()).toBe(before);
  });

  it('says that a peer is connected through a gateway, and directly as soon as it is', async () => {
    const { connections, reconciler, status } = await world(granting);
    const way = async () => findCondition((await status())?.conditions, 'Connected')?.reason;
    const address = `/dns4/gw.example.com/tcp/8443/p2p/${BOB}/p2p-circuit/p2p/${ALICE}`;
    connections.push({ ...connection, address });
    await reconciler.reconcile(KEY);
    expect(await way()).toBe('Relayed');
    connections.unshift(connection);
    await reconciler.reconcile(KEY);
    expect([await way(), (await status())?.address]).toEqual(['Direct', connection.address]);
  });

  it('keeps when the peer was last seen after it went away', async () => {
    const { clock, connections, reconciler, status, version } = await world(granting);
    connections.push(connection);
    await reconciler.reconcile(KEY);
    await clock.advance(60_000);
    connections.pop();
    await reconciler.reconcile(KEY);
    expect(await status()).toMatchObject({
      lastSeen: '2026-01-01T12:01:00.000Z',
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Connected', status: 'False' })]),
    });
    const before = await version();
    await clock.advance(3_600_000);
    await reconciler.reconcile(KEY);
    expect(await version()).toBe(before);
  });

  it('says that a peer does not trust us', async () => {
    const { connections, reconciler, status } = await world(() =>
      Promise.reject(new StatusError('Forbidden', 'not trusted here', { cause: 'NotTrustedByPeer' })),
    );
    connections.push(connection);
    await reconciler.reconcile(KEY);
    expect(findCondition((await status())?.conditions, 'Granted')).toMatchObject({
      status: 'False',
      reason: 'NotTrustedByPeer',
    });
  });

  it('says that a peer trusts us and grants nothing', async () => {
    const { connections, reconciler, status } = await world(async () => [trustedPeer('self', BOB)]);
    connections.push(connection);
    await reconciler.reconcile(KEY);
    expect(findCondition((await status())?.conditions, 'Granted')).toMatchObject({
      status: 'False',
      reason: 'NotGranted',
    });
  });

  it('says that trust has expired', async () => {
    const { clock, reconciler, store, status } = await world(granting);
    await store.apply(
      trustedPeer(
        'alice',
        ALICE,
        { expiresAt: '2026-01-01T12:30:00Z' },
        { uid: (await store.get(KEY))?.metadata.uid },
      ),
    );
    await clock.advance(3_600_000);
    await reconciler.reconcile(KEY);
    expect(findCondition((await status())?.conditions, 'Connected')).toMatchObject({
      status: 'False',
      reason: 'Expired',
    });
  });

  it('finds the TrustedPeers of a connection', () => {
    expect(peerKeys([trustedPeer('alice', ALICE), trustedPeer('bob', BOB)], new Set([BOB]))).toEqual([
      expect.objectContaining({ name: 'bob' }),
    ]);
  });
});

describe('the controller', () => {
  it('looks again when a peer is connected another way', async () => {
    const clock = new FakeClock(NOON);
    const store = new MemoryStore({ clock });
    await store.apply(trustedPeer('alice', ALICE));
    const components = { store, clock, logger: silentLogger, metrics: silentMetrics };
    const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
    const relayed: PeerConnection = {
      peerID: ALICE,
      address: '/p2p-circuit',
      direction: 'inbound',
      openedAt: NOON,
    };
    let connections = [relayed];
    let changed = () => {};
    const onConnectionChange = (listener: () => void) => {
      changed = listener;
      return () => {};
    };
    const transport = { connections: () => connections, onConnectionChange } as unknown as Transport;
    const controller = trustedPeerController({ ...components, transport, trustedPeers });
    const stop = new AbortController();
    const ended = Promise.all([trustedPeers.start(stop.signal), controller.start(stop.signal)]);
    const way = async () => findCondition((await store.get(KEY))?.status?.conditions, 'Connected')?.reason;
    await eventually(async () => expect(await way()).toBe('Relayed'));
    connections = [{ ...relayed, address: '/ip4/10.0.0.1/tcp/9000' }, relayed];
    changed();
    await eventually(async () => expect(await way()).toBe('Direct'));
    stop.abort();
    await ended;
  });
});
