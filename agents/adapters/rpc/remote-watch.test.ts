import type { Kind } from '../../../api/kinds.ts';
import { WATCH_HEARTBEAT_MS, WATCH_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import { RESPONSE_DOMAIN, STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Store, WatchEvent, WatchOptions } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { forge } from '../../../test/support/rpc-forge.ts';
import { ownedStore } from '../../../test/support/rpc-owned-store.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { providerOf } from '../../../test/support/rpc-stream.ts';
import { happening, web } from '../../../test/support/store-objects.ts';
import { startWatch } from '../../../test/support/store-watcher.ts';
import { REQUESTS } from './message.ts';
import { newNonce } from './request.ts';
import { SignedReader } from './signed-reader.ts';

const UID = '11111111-2222-4333-8444-555555555555';
const LOST = { reason: 'ServiceUnavailable', details: { cause: 'PeerUnreachable' } };

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

const apply = (replicas: number) =>
  peers.remote.apply(web('web', { replicas }, { uid: UID, generation: replicas }));

/** Gives messages that are under way the time to arrive. */
const arrive = (condition: () => unknown) => eventually(condition);

it('a silent watch hears a bookmark every heartbeat, from which it can be resumed', async () => {
  const { object } = await apply(1);
  const watcher = startWatch(peers.remote, 'Deployment');
  await arrive(() => expect(watcher.story()).toEqual(['ADDED web', 'BOOKMARK']));
  await peers.clock.advance(WATCH_HEARTBEAT_MS);
  await arrive(() => expect(watcher.story()).toEqual(['ADDED web', 'BOOKMARK', 'BOOKMARK']));
  const { resourceVersion } = object.metadata;
  expect(watcher.events.at(-1)).toEqual({ type: 'BOOKMARK', resourceVersion });
  watcher.stop();
  await watcher.ended;
});

it('a watch that hears heartbeats lives for days', async () => {
  const watcher = startWatch(peers.remote, 'Deployment');
  await arrive(() => expect(watcher.events).toHaveLength(1));
  for (let beats = 2; beats < 50; beats++) {
    await peers.clock.advance(WATCH_HEARTBEAT_MS);
    await arrive(() => expect(watcher.events).toHaveLength(beats));
  }
  await apply(1);
  await arrive(() => expect(watcher.story().at(-1)).toBe('ADDED web'));
  watcher.stop();
  await watcher.ended;
  expect(peers.clock.pending).toBe(0);
});

it('a peer that falls silent is given up after three heartbeats', async () => {
  const { provider, clock } = peers;
  provider.transport.handle(STORE_PROTOCOL, async (channel) => {
    const request = await new SignedReader({ channel, clock }, REQUESTS).receive();
    const body = { type: 'bookmark', resourceVersion: '7' };
    await channel.write(
      await forge(providerOf(peers), {
        domain: RESPONSE_DOMAIN,
        body,
        claims: { re: request?.claims.nonce },
      }),
    );
    await channel.closed;
  });
  const watcher = startWatch(peers.remote, 'Deployment');
  const ended = expect(watcher.ended).rejects.toMatchObject(LOST);
  await arrive(() => expect(watcher.story()).toEqual(['BOOKMARK']));
  await clock.advance(WATCH_TIMEOUT_MS - 1);
  expect(watcher.events).toHaveLength(1);
  await clock.advance(1);
  await ended;
});

it('a peer that answers what nobody asked is not believed', async () => {
  peers.provider.transport.handle(STORE_PROTOCOL, async (channel) => {
    const body = { type: 'bookmark', resourceVersion: '7' };
    await channel.write(
      await forge(providerOf(peers), { domain: RESPONSE_DOMAIN, body, claims: { re: newNonce() } }),
    );
    await channel.closed;
  });
  await expect(startWatch(peers.remote, 'Deployment').ended).rejects.toMatchObject({
    details: { cause: 'NotAsked' },
  });
});

it('a watch hears no version to resume from before it has seen every object', async () => {
  const { object } = await apply(1);
  peers.stop();
  peers = await startPeers({
    storeFor: (owner, store) => ({
      ...ownedStore(store, owner),
      watch: async function* <K extends Kind>(_kind: K, { signal }: WatchOptions) {
        yield { type: 'ADDED', object } as WatchEvent<K>;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    }),
  });
  const watcher = startWatch(peers.remote, 'Deployment');
  await arrive(() => expect(watcher.events).toHaveLength(1));
  await peers.clock.advance(2 * WATCH_HEARTBEAT_MS);
  expect(watcher.story()).toEqual(['ADDED web']);
  watcher.stop();
  await watcher.ended;
});

it('a watch whose connection is cut ends with PeerUnreachable, and resumes without loss', async () => {
  const [a, b] = [peers.developer.identity.peerID, peers.provider.identity.peerID];
  const { object } = await apply(1);
  const watcher = startWatch(peers.remote, 'Deployment');
  await arrive(() => expect(watcher.events).toHaveLength(2));
  peers.network.cut(a, b);
  await expect(watcher.ended).rejects.toMatchObject(LOST);
  await expect(startWatch(peers.remote, 'Deployment').ended).rejects.toMatchObject(LOST);
  peers.network.heal(a, b);
  await apply(2);
  const { resourceVersion } = object.metadata;
  const resumed = startWatch(peers.remote, 'Deployment', { resourceVersion });
  await arrive(() => expect(resumed.story()).toEqual(['MODIFIED web']));
  resumed.stop();
  await resumed.ended;
});

it('a watch that is stopped before it began opens nothing', async () => {
  const stopped = AbortSignal.abort();
  const events = peers.remote.watch('Deployment', { signal: stopped })[Symbol.asyncIterator]();
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(peers.developer.transport.connections()).toEqual([]);
});

it('a watch whose reader leaves ends on the peer too', async () => {
  const ended: boolean[] = [];
  peers.stop();
  peers = await startPeers({
    storeFor: (owner, store) => ({
      ...ownedStore(store, owner),
      watch: (_kind, { signal }) => {
        signal.addEventListener('abort', () => ended.push(true));
        return ownedStore(store, owner).watch('Deployment', { signal }) as ReturnType<
          Store['watch']
        > as never;
      },
    }),
  });
  for await (const event of peers.remote.watch('Deployment', { signal: new AbortController().signal })) {
    expect(event.type).toBe('BOOKMARK');
    break;
  }
  await arrive(() => expect(ended).toEqual([true]));
});

it('a reader that is too slow is told Expired, and costs the peer no memory meanwhile', async () => {
  const owner = peers.developer.identity.peerID;
  const abort = new AbortController();
  const reader = peers.remote.watch('Event', { signal: abort.signal })[Symbol.asyncIterator]();
  expect(await reader.next()).toMatchObject({ value: { type: 'BOOKMARK' } });
  const write = async (count: number) => {
    const event = happening('event', count);
    await peers.store.apply({ ...event, metadata: { ...event.metadata, owner } });
  };
  await write(0);
  expect(await reader.next()).toMatchObject({ value: { type: 'ADDED' } });
  for (let count = 1; count <= 12_000; count++) await write(count);
  let seen = 0;
  const drain = async () => {
    while (!(await reader.next()).done) seen++;
  };
  await expect(drain()).rejects.toMatchObject({ reason: 'Expired' });
  // What was under way when the reader paused: the window of the stream, and not what was written since.
  expect(seen).toBeLessThan(2_000);
}, 30_000);
