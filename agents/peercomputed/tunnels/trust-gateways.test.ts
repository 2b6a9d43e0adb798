import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { ALICE, BOB, trustedPeer } from '../../../test/support/objects.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { generateIdentity } from '../../adapters/identity/identity.ts';
import { MemoryStore } from '../../adapters/store/memory-store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { askPeerID } from '../../adapters/transport/libp2p/ask-peer-id.ts';
import { Libp2pTransport } from '../../adapters/transport/libp2p/transport.ts';
import { parseGateway } from './gateway-address.ts';
import { trustGateways } from './trust-gateways.ts';

describe('the gateways of the command line', () => {
  let store: MemoryStore;
  let logger: FakeLogger;

  beforeEach(() => {
    store = new MemoryStore({ clock: new FakeClock() });
    logger = new FakeLogger();
  });

  const trust = (text: string, ask?: (address: string) => Promise<string>) =>
    trustGateways({ store, logger, askPeerID: ask }, [parseGateway(text)]);

  async function written(name = 'gateway') {
    const peer = await store.get({ kind: 'TrustedPeer', name });
    return peer && { labels: peer.metadata.labels, ...peer.spec };
  }

  it('become TrustedPeers that may do nothing here', async () => {
    await trust(`/dns4/gw.example.com/tcp/8443/p2p/${ALICE}`);
    expect(await written()).toMatchObject({
      labels: { 'peercompute.dev/role': 'gateway' },
      peerID: ALICE,
      addresses: ['/dns4/gw.example.com/tcp/8443'],
      grants: { logs: false, relay: false },
    });
  });

  it('are found by their address when somebody has written them down', async () => {
    await store.apply(trustedPeer('friend', ALICE, { addresses: ['/dns/gw.example.com/tcp/8443'] }));
    await trust('gw.example.com:8443');
    expect(await written('friend')).toMatchObject({ labels: { 'peercompute.dev/role': 'gateway' } });
    expect(await written()).toBeUndefined();
  });

  it('are believed by nobody without a peer ID', async () => {
    await expect(trust('gw.example.com:8443')).rejects.toThrow('add its peer ID');
    expect(await written()).toBeUndefined();
  });

  it('are believed once, and say so, with the flag', async () => {
    await trust('gw.example.com:8443', async () => ALICE);
    expect(await written()).toMatchObject({ peerID: ALICE });
    expect(logger.at('warn')).toMatchObject([
      { message: expect.stringContaining('trusted on first use'), fields: { peerID: ALICE } },
    ]);
    await trust('gw.example.com:8443', async () => BOB);
    expect(await written()).toMatchObject({ peerID: ALICE });
    expect(logger.at('warn')).toHaveLength(1);
  });
});

describe('askPeerID', () => {
  it('learns who is at an address, from a peer that does not know us', async () => {
    const stop = new AbortController();
    const [gateway, us] = [generateIdentity(), generateIdentity()];
    const components = { identity: gateway, clock: systemClock, logger: silentLogger };
    const transport = new Libp2pTransport(components, { listen: ['/ip4/127.0.0.1/tcp/0'] });
    await transport.start(stop.signal);
    const [address = ''] = transport.addresses();
    const where = address.replace(/\/p2p\/.*/, '');
    expect(await askPeerID({ identity: us, clock: systemClock }, where)).toBe(gateway.peerID);
    stop.abort();
  });

  it('says where nobody answered', async () => {
    const asked = askPeerID({ identity: generateIdentity(), clock: systemClock }, '/ip4/127.0.0.1/tcp/1');
    await expect(asked).rejects.toThrow('nobody could be asked at /ip4/127.0.0.1/tcp/1');
  });
});
