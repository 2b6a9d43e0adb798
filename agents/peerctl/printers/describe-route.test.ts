import { API_VERSION } from '../../../api/kinds.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, BOB, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { condition } from '../../../test/support/peerctl-statuses.ts';

const HOST = 'shop.example.org';
const RECORD = `make the TXT record _peercompute.${HOST} with the value "peercompute=${BOB}"`;

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  await store.apply(trustedPeer('bob', BOB));
});
afterEach(() => machine.close());

/** On a gateway, as alice carries it. */
async function putRoute(status: object): Promise<void> {
  const key = { kind: 'Route', owner: ALICE, namespace: 'default', name: 'shop.2nasuq' } as const;
  const uid = '3f0a6a52-8a2e-4bd7-9d1e-0c6e5a6f9b10';
  const access = { bearer: [`sha256:${'0'.repeat(64)}`] };
  await store.apply({
    apiVersion: API_VERSION,
    kind: 'Route',
    metadata: { owner: ALICE, namespace: key.namespace, name: key.name },
    spec: {
      owner: BOB,
      deployment: { namespace: 'default', name: 'shop', uid, generation: 1 },
      expose: { port: 80, protocol: 'HTTP', host: HOST, access },
      envelope: 'AAAA',
    },
  });
  await store.patchStatus(key, status as never);
}

describe('a Route', () => {
  it('shows what went through it', async () => {
    const conditions = [condition('Ready', 'True', 'Ready', 'it answers')];
    await putRoute({
      host: HOST,
      url: `https://${HOST}`,
      traffic: { requests: 1234, errors: 5 },
      conditions,
    });
    expect((await machine.run('get', 'routes')).stdout).toMatch(
      /HOST +DEPLOYMENT +FOR +STATUS +REQUESTS +ERRORS[\s\S]+default\/shop +bob +Ready +1234 +5 /,
    );
    const { stdout } = await machine.run('describe', 'route/shop.2nasuq');
    expect(stdout).toMatch(/^Host: +shop\.example\.org$/m);
    expect(stdout).toMatch(/^Requests: +1234$/m);
    expect(stdout).toMatch(/^Errors: +5$/m);
    expect(stdout).toMatch(/^Let in: +by token \(1\)$/m);
    expect(stdout).not.toContain('sha256:');
  });

  it('says which record is missing', async () => {
    await putRoute({ conditions: [condition('Ready', 'False', 'HostNotProven', RECORD)] });
    expect((await machine.run('get', 'routes')).stdout).toMatch(/HostNotProven +<none> +<none>/);
    expect((await machine.run('describe', 'route/shop.2nasuq')).stdout).toContain(RECORD);
  });
});

test('A HostReservation says whose the host is', async () => {
  await store.apply({
    apiVersion: API_VERSION,
    kind: 'HostReservation',
    metadata: { name: HOST },
    spec: { owner: BOB, deployment: { namespace: 'default', name: 'shop' }, generated: false },
  });
  const { stdout } = await machine.run('describe', `host/${HOST}`);
  expect(stdout).toMatch(new RegExp(`^For: +${BOB}$`, 'm'));
  expect(stdout).toMatch(/^Deployment: +default\/shop$/m);
});
