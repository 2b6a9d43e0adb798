import { jest } from '@jest/globals';
import { sharedEngine } from '../../../../test/support/docker-engine.ts';
import { DockerSandbox, randomPeerID } from '../../../../test/support/docker-sandbox.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { silentLogger } from '../../../../test/support/silent.ts';
import { systemClock } from '../../system/clock.ts';
import { DockerRuntime } from './runtime.ts';

const SERVES = {
  command: ['sh', '-c', 'mkdir /tmp/www && hostname >/tmp/www/index.html && exec httpd -f -h /tmp/www'],
  ports: [{ containerPort: 80 }],
};
const PATIENCE = { timeoutMs: 20_000, intervalMs: 50 };

describe('the networks of containers', () => {
  jest.setTimeout(90_000);
  let sandbox: DockerSandbox;

  beforeAll(async () => {
    sandbox = new DockerSandbox(await sharedEngine());
  });
  afterEach(() => sandbox.cleanUp());

  /** The host name that an HTTP server at `address` gives as its page, asked from inside a container. */
  async function get(from: string, address: string): Promise<string> {
    const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 2 nc ${address} 80`;
    const answer = await sandbox.docker('exec', from, 'sh', '-c', request);
    return answer.trim().split('\n').at(-1) ?? '';
  }

  function networks(): Promise<string> {
    const filter = `label=peercompute.dev/agent=${sandbox.agentID}`;
    return sandbox.docker('network', 'ls', '--format', '{{.Name}}', '--filter', filter);
  }

  test('let the containers of an owner and namespace reach each other by the name of the Deployment', async () => {
    const client = await sandbox.run({}, { deployment: 'client' });
    await sandbox.run(SERVES, { deployment: 'web', ordinal: 0 });
    await sandbox.run(SERVES, { deployment: 'web', ordinal: 1 });
    const seen = new Set<string>();
    await eventually(async () => {
      seen.add(await get(client.name, 'web'));
      return seen.has('web-0') && seen.has('web-1');
    }, PATIENCE);
  });

  test('keep owners and namespaces apart', async () => {
    const server = await sandbox.run(SERVES);
    const address = Object.values((await sandbox.inspect(server.name)).NetworkSettings.Networks)[0];
    const { IPAddress } = address as { IPAddress: string };
    const near = await sandbox.run({}, { deployment: 'near' });
    await eventually(async () => (await get(near.name, IPAddress)) === 'web-0', PATIENCE);
    const strangers = [
      await sandbox.run({}, { deployment: 'far', namespace: 'other' }),
      await sandbox.run({}, { deployment: 'far', owner: randomPeerID() }),
    ];
    for (const { name } of strangers)
      for (const target of [IPAddress, 'web'])
        await expect(get(name, target)).rejects.toThrow(/Command failed/);
  });

  test('have no IPv6', async () => {
    const { name } = await sandbox.run();
    expect(await sandbox.docker('exec', name, 'ip', '-6', 'addr', 'show', 'dev', 'eth0')).toBe('');
  });

  test('are one, whoever is first', async () => {
    const twin = new DockerRuntime(
      { clock: systemClock, logger: silentLogger },
      { agentID: sandbox.agentID, dockerHost: sandbox.dockerHost },
    );
    const requests = await Promise.all([0, 1, 2, 3].map((ordinal) => sandbox.request({}, { ordinal })));
    const { signal } = new AbortController();
    await Promise.all(
      requests.map((request, index) => (index % 2 ? twin : sandbox.runtime).run(request, signal)),
    );
    expect((await networks()).split('\n')).toHaveLength(1);
    expect((await sandbox.runtime.list()).map(({ state }) => state)).toEqual(Array(4).fill('Running'));
  });

  test('go when nobody is left on them, and come back', async () => {
    const request = await sandbox.request();
    const { signal } = new AbortController();
    await sandbox.runtime.run(request, signal);
    await sandbox.runtime.prune();
    expect(await networks()).toMatch(/^peercompute-default-/);
    await sandbox.runtime.remove((await sandbox.the(request)).name, 0);
    await sandbox.runtime.prune();
    expect(await networks()).toBe('');
    await sandbox.runtime.run(request, signal);
    expect(await sandbox.the(request)).toMatchObject({ state: 'Running', drifted: false });
  });

  test('are spared while a container is being made', async () => {
    const requests = await Promise.all([0, 1, 2].map((ordinal) => sandbox.request({}, { ordinal })));
    const { signal } = new AbortController();
    let running = true;
    const pruning = (async () => {
      while (running) await sandbox.runtime.prune();
    })();
    for (const request of requests) await sandbox.runtime.run(request, signal);
    running = false;
    await pruning;
    expect((await sandbox.runtime.list()).map(({ drifted }) => drifted)).toEqual([false, false, false]);
  });

  test('of a name that a stranger took are not used', async () => {
    const request = await sandbox.request();
    const { signal } = new AbortController();
    await sandbox.runtime.run(request, signal);
    const name = await networks();
    await sandbox.cleanUp();
    await sandbox.docker('network', 'create', name);
    try {
      await expect(sandbox.runtime.run(request, signal)).rejects.toThrow(
        `"docker network rm ${name}" makes room`,
      );
    } finally {
      await sandbox.docker('network', 'rm', name);
    }
  });
});
