import type { Transport } from '../../../controllers/ports/transport.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { RemotePeers } from './remote-peers.ts';

const UID = '11111111-2222-4333-8444-555555555555';
const first = (spec = {}) => web('web', spec, { uid: UID, generation: 1 });

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

describe('the stream', () => {
  it('is shared by requests that come together', async () => {
    const counted = counting(peers.developer.transport);
    const store = new RemotePeers({ ...peers.developer, clock: peers.clock, transport: counted.transport });
    const { peerID } = peers.provider.identity;
    const names = Array.from({ length: 50 }, (_, index) => `web-${index}`);
    const found = await Promise.all(names.map((name) => store.store(peerID).get(webKey(name))));
    expect(found).toEqual(names.map(() => undefined));
    expect(counted.opened()).toBe(1);
  });

  it('that breaks rejects who waits, and is opened again by the next call', async () => {
    const { network, developer, provider, remote } = peers;
    const [a, b] = [developer.identity.peerID, provider.identity.peerID];
    await remote.get(webKey('web'));
    const asked = Promise.allSettled([remote.get(webKey('web')), remote.list('Deployment')]);
    network.cut(a, b);
    for (const result of await asked)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { reason: 'ServiceUnavailable', details: { cause: 'PeerUnreachable' } },
      });
    await expect(remote.get(webKey('web'))).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
    network.heal(a, b);
    expect(await remote.get(webKey('web'))).toBeUndefined();
  });

  it('that broke while nobody used it costs the next call nothing', async () => {
    const { network, developer, provider, remote } = peers;
    await remote.get(webKey('web'));
    network.cut(developer.identity.peerID, provider.identity.peerID);
    network.heal(developer.identity.peerID, provider.identity.peerID);
    await eventually(async () => expect(await remote.get(webKey('web'))).toBeUndefined());
  });

  it('to a peer that does not trust us says whose move it is', async () => {
    peers.provider.transport.allow([]);
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({
      reason: 'Forbidden',
      details: { cause: 'NotTrustedByPeer' },
    });
  });

  it('leaves no timer behind', async () => {
    await peers.remote.apply(first());
    await peers.remote.list('Deployment');
    expect(peers.clock.pending).toBe(0);
  });
});

function counting(transport: Transport): { transport: Transport; opened(): number } {
  let opened = 0;
  const open: Transport['open'] = (...args) => {
    opened++;
    return transport.open(...args);
  };
  return { transport: { open } as Transport, opened: () => opened };
}
