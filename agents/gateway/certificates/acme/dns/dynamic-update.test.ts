import { TestDns } from '../../../../../test/support/pebble-dns.ts';
import { TSIG_KEY } from '../../../../../test/support/pebble-world.ts';
import { systemClock } from '../../../../adapters/system/clock.ts';
import { DynamicUpdate } from './dynamic-update.ts';

const RECORD = { fqdn: '_acme-challenge.example.com', value: 'proof' };
const { signal } = new AbortController();

let dns: TestDns;

beforeEach(async () => {
  dns = await TestDns.start({ zone: 'example.com', key: TSIG_KEY });
});

afterEach(() => dns.stop());

function updates(changes: Partial<ConstructorParameters<typeof DynamicUpdate>[1]> = {}): DynamicUpdate {
  const init = { host: '127.0.0.1', port: dns.port, key: TSIG_KEY, ...changes };
  return new DynamicUpdate({ clock: systemClock }, init);
}

describe('an update of DNS', () => {
  it('adds records beside one another, and removes exactly the one', async () => {
    await updates().present(RECORD, signal);
    await updates().present({ ...RECORD, value: 'another' }, signal);
    expect(dns.valuesOf(RECORD.fqdn)).toEqual(['proof', 'another']);
    await updates().cleanup(RECORD, signal);
    await updates().cleanup(RECORD, signal);
    expect(dns.valuesOf(RECORD.fqdn)).toEqual(['another']);
  });

  it('is refused to another key, in words', async () => {
    const stranger = updates({ key: { ...TSIG_KEY, secret: Buffer.from('guessed') } });
    await expect(stranger.present(RECORD, signal)).rejects.toThrow(
      /^the DNS server 127.0.0.1:\d+ answered NOTAUTH$/,
    );
    expect(dns.changes).toEqual([]);
  });

  it('says so when nobody answers', async () => {
    const { port } = dns;
    await dns.stop();
    dns = await TestDns.start({ zone: 'example.com' });
    await expect(updates({ port }).present(RECORD, signal)).rejects.toThrow(
      /cannot be asked: connect ECONNREFUSED/,
    );
  });
});
