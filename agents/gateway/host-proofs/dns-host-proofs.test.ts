import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describeHostProofs } from '../../../test/compliance/host-proofs.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { BOB } from '../../../test/support/objects.ts';
import { TestDns } from '../../../test/support/pebble-dns.ts';
import { DnsHostProofs, resolverAddress } from './dns-host-proofs.ts';

const HOST = 'shop.example.org';
const { signal } = new AbortController();

async function world() {
  const dns = await TestDns.start({ zone: 'example.org' });
  const clock = new FakeClock();
  return { dns, clock, proofs: new DnsHostProofs({ clock }, { servers: [dns.address] }) };
}

describeHostProofs('DNS', async () => {
  const { dns, clock, proofs } = await world();
  return {
    proofs,
    publish: (name, values) => {
      for (const value of values) dns.add(name, value);
    },
    fail: (fails) => {
      dns.fails = fails;
    },
    forget: () => clock.advance(1_000),
    end: () => dns.stop(),
  };
});

test('An answer counts for a moment, for all who ask', async () => {
  const { dns, proofs } = await world();
  const before = await proofs.verify(HOST, BOB, signal);
  dns.add(`_peercompute.${HOST}`, `peercompute=${BOB}`);
  expect(await proofs.verify(HOST, BOB, signal)).toBe(before);
  await dns.stop();
});

describe('a server that never answers', () => {
  const clock = new FakeClock();
  let silent: Socket;
  let proofs: DnsHostProofs;

  beforeEach(async () => {
    silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    proofs = new DnsHostProofs({ clock }, { servers: [`127.0.0.1:${silent.address().port}`] });
  });

  afterEach(() => new Promise<void>((closed) => silent.close(closed)));

  it('is not waited for', async () => {
    const answer = proofs.verify(HOST, BOB, signal);
    await once(silent, 'message');
    await clock.advance(5_000);
    expect(await answer).toContain('ETIMEOUT');
  });

  it('is forgotten by who gives up', async () => {
    const impatient = new AbortController();
    const answer = proofs.verify(HOST, BOB, impatient.signal);
    await once(silent, 'message');
    impatient.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });
});

test('The next of several servers is asked where one is not there', async () => {
  const { dns, clock } = await world();
  dns.add(`_peercompute.${HOST}`, `peercompute=${BOB}`);
  const proofs = new DnsHostProofs({ clock }, { servers: ['127.0.0.1:9', dns.address] });
  expect(await proofs.verify(HOST, BOB, signal)).toBeUndefined();
  await dns.stop();
});

describe('a resolver', () => {
  it.each(['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353'])('may be %s', (text) => {
    expect(resolverAddress(text)).toBe(text);
  });

  it.each(['dns.example', '192.0.2.1:', '192.0.2.1:99999', ''])('cannot be "%s"', (text) => {
    expect(() => resolverAddress(text)).toThrow('must be an address such as');
  });
});
