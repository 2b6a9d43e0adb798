import { MAX_REQUESTS_PER_STREAM } from '../../../api/protocol/limits.ts';
import { STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { ownedStore } from '../../../test/support/rpc-owned-store.ts';
import {
  introduce,
  newPeer,
  type Peers,
  type PeersInit,
  startPeers,
} from '../../../test/support/rpc-peers.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { RemoteStore } from './remote-store.ts';

const UID = '11111111-2222-4333-8444-555555555555';

let peers: Peers;
const start = async (init?: PeersInit) => {
  peers = await startPeers(init);
};
afterEach(() => peers.stop());

/** A Store whose `get` is the test's own. */
const storeWith = (get: () => Promise<never>) => ({
  storeFor: (owner: string, store: Store) => ({ ...ownedStore(store, owner), get: get as Store['get'] }),
});

describe('requests', () => {
  it('on one stream are answered side by side, but never more than its limit at a time', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    await start(
      storeWith(async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        return undefined as never;
      }),
    );
    const asked = Array.from({ length: 3 * MAX_REQUESTS_PER_STREAM }, () => peers.remote.get(webKey('web')));
    await eventually(() => expect(most).toBe(MAX_REQUESTS_PER_STREAM));
    gate.resolve();
    await Promise.all(asked);
    expect(most).toBe(MAX_REQUESTS_PER_STREAM);
  });

  it('a slow one does not hold up the others', async () => {
    const gate = Promise.withResolvers<never>();
    await start(storeWith(() => gate.promise));
    const slow = peers.remote.get(webKey('web'));
    expect(await peers.remote.list('Deployment')).toMatchObject({ items: [] });
    gate.resolve(undefined as never);
    expect(await slow).toBeUndefined();
  });

  it('that make the Store fail are answered without its words, which the log has', async () => {
    await start(storeWith(() => Promise.reject(new TypeError('secret path /home/alice'))));
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({
      reason: 'InternalError',
      message: expect.not.stringContaining('secret'),
    });
    expect(peers.logger.at('error')).toMatchObject([
      { message: 'a request failed', fields: { verb: 'get' } },
    ]);
  });

  it('of a peer that there is no Store for cost it the stream', async () => {
    await start({
      storeFor: () => {
        throw new TypeError('nobody is served');
      },
    });
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('of one object that come together keep its generations in order', async () => {
    await start();
    const generations = Array.from({ length: 12 }, (_, index) => index + 1);
    const shuffled = generations.toSorted((a, b) => ((a * 7) % 13) - ((b * 7) % 13));
    await Promise.allSettled(
      shuffled.map((generation) =>
        peers.remote.apply(web('web', { replicas: generation }, { uid: UID, generation })),
      ),
    );
    expect(await peers.remote.get(webKey('web'))).toMatchObject({ spec: { replicas: 12 } });
  });

  it('of one owner do not wait for a write of another who uses the same name', async () => {
    const gate = Promise.withResolvers<never>();
    const slow: string[] = [];
    await start({
      storeFor: (owner, store) => {
        const own = ownedStore(store, owner);
        return slow.includes(owner) ? { ...own, apply: () => gate.promise } : own;
      },
    });
    const other = newPeer(peers.network, peers.clock);
    introduce(peers.developer, peers.provider, other);
    await other.transport.start(new AbortController().signal);
    slow.push(other.identity.peerID);
    const { peerID } = peers.provider.identity;
    const object = web('web', {}, { uid: UID, generation: 1 });
    const theirs = new RemoteStore({ ...other, clock: peers.clock }, { peerID }).apply(object);
    expect((await peers.remote.apply(object)).operation).toBe('created');
    gate.reject(new Error('enough'));
    await expect(theirs).rejects.toMatchObject({ reason: 'InternalError' });
  });

  it('that the guard cannot record are refused', async () => {
    await start({
      log: {
        load: async function* () {
          yield* [];
        },
        append: () => Promise.reject(new Error('ENOSPC')),
        replace: async () => {},
        close: async () => {},
      },
    });
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });
});

it('speaks its protocol only', async () => {
  await start();
  const opened = peers.developer.transport.open(
    peers.provider.identity.peerID,
    `${STORE_PROTOCOL}-next`,
    new AbortController().signal,
  );
  await expect(opened).rejects.toMatchObject({ details: { cause: 'IncompatibleVersion' } });
});
