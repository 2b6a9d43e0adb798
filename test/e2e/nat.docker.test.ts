import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { hack } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine, Following } from './command-line.ts';
import type { Daemon } from './daemon.ts';
import { HomeNetwork } from './home-network.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';
import { Hosts } from './namespaces.ts';
import type { Where } from './programs.ts';

jest.setTimeout(300_000);

const SLOW = { timeoutMs: 120_000, intervalMs: 500 };

/** Longer than it takes to notice: 30 s without a byte, looked at every 10 s. */
const OUTAGE_MS = 60_000;

const WEB = 'web-dev.example.test';
const ECHO = 'echo-dev.example.test';

let hosts: Hosts;
let machines: Machines;
let engine: string;
let visitor: { where: Where };
let homes: { dev: HomeNetwork; alice: HomeNetwork };
let gateway: Daemon;
let gatewayAddress: string;
let httpsPort: string;
let alice: Agent;
let dev: CommandLine;
let watch: Following;
let logs: Following;

/** A gateway in public; a developer and a provider each behind a NAT of its own, which know nothing but the gateway. */
beforeAll(async () => {
  hosts = await Hosts.create('pcnat');
  const place = await hosts.add('gateway');
  visitor = await hosts.add('visitor');
  homes = {
    dev: await HomeNetwork.create(hosts, 'dev', '192.168.71'),
    alice: await HomeNetwork.create(hosts, 'alice', '192.168.72'),
  };
  // Of the kind that no hole can be punched in: what works, works through the gateway.
  for (const home of Object.values(homes)) await home.translate('anew');
  machines = await Machines.create();
  gateway = await machines.gateway('gateway', { where: place.where, listen: place.address });
  httpsPort = await gateway.said(/"httpsPort":(\d+)/);
  gatewayAddress = gateway.address;
  // Not under TMPDIR: the path of a socket is short.
  engine = await mkdtemp('/tmp/pc-engine-');
  const netns = homes.alice.namespace;
  const dockerHost = await hack('docker-engine', 'start', '--dir', engine, '--netns', netns);
  await hack('test-images', '--docker-host', dockerHost);
  const flags = ['--gateway', `${gatewayAddress}/p2p/${await gateway.cli.peerID()}`];
  alice = await machines.provider('alice', { where: homes.alice.where, dockerHost, flags });
  dev = await machines.developer('dev', homes.dev.where);
  await introduceAll();
});

afterAll(async () => {
  await machines.stop();
  await hack('docker-engine', 'stop', '--dir', engine);
  await hosts.remove();
});

async function introduceAll(): Promise<void> {
  const [devID, aliceID] = [await dev.peerID(), await alice.cli.peerID()];
  await gateway.cli.ok('peers', 'add', aliceID, '--name', 'alice', '--allow', 'expose,relay');
  await gateway.cli.ok('peers', 'add', devID, '--name', 'dev');
  await alice.cli.ok('peers', 'add', devID, '--name', 'dev', '--allow', 'deploy,logs');
  await dev.ok('peers', 'add', aliceID, '--name', 'alice');
  const trusted = `apiVersion: peercompute.dev/v1alpha1
kind: TrustedPeer
metadata: {name: gateway, labels: {peercompute.dev/role: gateway}}
spec: {peerID: ${await gateway.cli.peerID()}, addresses: [${gatewayAddress}]}
`;
  await dev.ok('apply', '-f', await machines.file('gateway.yaml', trusted));
}

/** What a visitor gets who trusts the gateway's authority. */
function visit(): Promise<string> {
  const how = ['--fail', '--silent', '--show-error', '--max-time', '5', '--cacert', authority()];
  const at = ['--resolve', `${WEB}:${httpsPort}:${publicAddress()}`, `https://${WEB}:${httpsPort}/`];
  return onVisitor('curl', ...how, ...at);
}

/** What comes back of what a visitor says over a WebSocket. */
function talk(): Promise<string> {
  const client = join(import.meta.dirname, 'echo-client.ts');
  return onVisitor(process.execPath, client, `wss://${ECHO}:${httpsPort}/`, publicAddress(), authority());
}

async function onVisitor(...command: string[]): Promise<string> {
  const [file = '', ...args] = visitor.where;
  const { stdout } = await promisify(execFile)(file, [...args, ...command]);
  return stdout;
}

const authority = () => join(gateway.cli.stateDirectory, 'certificates', 'ca.pem');

const publicAddress = () => gatewayAddress.split('/')[2] ?? '';

/** Tries to connect to a port of a router from outside, which must fail. */
async function knock(address: string): Promise<void> {
  const connect = onVisitor('timeout', '2', 'bash', '-c', `exec 3<>/dev/tcp/${address}/9000`);
  await expect(connect).rejects.toThrow();
}

/** New commands work, those that run go on, and visitors are served. */
async function expectAllToWork(replicas: number): Promise<void> {
  await eventually(() => dev.ok('peers', 'ping', 'alice'), SLOW);
  await eventually(async () => expect(await visit()).toContain('web 1 on web-'), SLOW);
  await eventually(async () => expect(await talk()).toBe('hello\n'), SLOW);
  // Whoever follows may still wait for its next attempt: then it is stored, and delivered when that comes.
  await dev.run('scale', 'web', '--replicas', `${replicas}`);
  await eventually(
    () => expect(watch.stdout.trim()).toMatch(new RegExp(`web +${replicas}/${replicas} .*$`)),
    SLOW,
  );
  const before = ticks().length;
  await eventually(() => expect(ticks().length).toBeGreaterThan(before), SLOW);
  expect(ticks()).toEqual(ticks().map((_, index) => index));
}

/** What the container has counted, as far as its logs have come. */
function ticks(): number[] {
  return [...logs.stdout.matchAll(/tick (\d+)\n/g)].map(([, count]) => Number(count));
}

const restartGateway = async () => {
  await gateway.stop('SIGKILL');
  await gateway.start('--https-port', httpsPort, '--tunnel-port', gatewayAddress.split('/').at(-1) ?? '');
};

/** Counts the seconds. */
const clock = manifest('clock', { image: 'peercompute.local/busybox:1' }).replace(
  '          ports: [{containerPort: 80}]',
  `          command: [sh, -c, 'i=0; while :; do echo tick $i; i=$((i+1)); sleep 1; done']`,
);

/** Agrees to a WebSocket, and to nothing else, and sends back what it gets. Its key is answered as RFC 6455 wants it. */
const answerUpgrade = `
while read -r line; do
  line=$(printf %s "$line" | tr -d '\\r')
  [ -n "$line" ] || break
  case $line in [Ss]ec-[Ww]eb[Ss]ocket-[Kk]ey:*) key=\${line#*: } ;; esac
done
[ -n "$key" ] || { printf 'HTTP/1.1 426 Upgrade Required\\r\\nContent-Length: 0\\r\\n\\r\\n'; exit; }
accept=$(printf %s258EAFA5-E914-47DA-95CA-C5AB0DC85B11 "$key" | sha1sum | cut -c1-40 | xxd -r -p | base64)
printf 'HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n'
printf 'Sec-WebSocket-Accept: %s\\r\\n\\r\\n' "$accept"
exec cat
`;

const echo = manifest('echo', {
  image: 'peercompute.local/busybox:1',
  more: `          command: ${JSON.stringify(['nc', '-ll', '-p', '80', '-e', 'sh', '-c', answerUpgrade])}\n`,
});

const exposed = (text: string) => text.replace('  replicas:', '  expose: {port: 80}\n  replicas:');

const probed = '          readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}\n';

describe('a developer and a provider, both behind NAT', () => {
  it('meet at the gateway: what is applied runs and has an address', async () => {
    await eventually(() => dev.ok('peers', 'ping', 'alice'), SLOW);
    await dev.ok('apply', '-f', await machines.file('web.yaml', exposed(manifest('web', { more: probed }))));
    await dev.ok('apply', '-f', await machines.file('echo.yaml', exposed(echo)));
    expect(await dev.ok('get', 'deployments')).toMatch(/web +1\/1/);
    await dev.ok('apply', '-f', await machines.file('clock.yaml', clock));
    watch = dev.follow('get', 'deployments', 'web', '-w');
    logs = dev.follow('logs', 'clock', '-f');
    await expectAllToWork(2);
  });

  it('say that they are relayed', async () => {
    expect(await dev.ok('peers', 'ping', 'alice')).toMatch(/over \/ip4\/.*\/p2p-circuit\/p2p\//);
    await eventually(async () => expect(await dev.ok('peers', 'list')).toMatch(/alice .*Relayed/), SLOW);
    await eventually(async () => expect(await alice.cli.ok('peers', 'list')).toMatch(/dev .*Relayed/), SLOW);
  });

  it('listen nowhere, and their routers let nothing in', async () => {
    for (const home of Object.values(homes)) {
      expect(await home.listening()).toEqual([]);
      const before = await home.turnedAway();
      await knock(home.address);
      expect(await home.turnedAway()).toBeGreaterThan(before);
    }
  });

  it('serve visitors over the control connection where nothing else gets out', async () => {
    await homes.alice.close(httpsPort, true);
    await eventually(
      async () => expect(await alice.log()).toContain('over the control connection only'),
      SLOW,
    );
    await expectAllToWork(1);
    await homes.alice.close(httpsPort, false);
  });

  it('find each other again after the provider has moved', async () => {
    await homes.alice.move();
    await expectAllToWork(3);
  });

  it('find each other again after everything was lost for a minute', async () => {
    await hosts.cut(homes.alice.namespace, true);
    await sleep(OUTAGE_MS);
    await hosts.cut(homes.alice.namespace, false);
    await expectAllToWork(2);
  });

  it('find each other again after the gateway was killed', async () => {
    await restartGateway();
    await expectAllToWork(1);
  });

  it('connect directly where their NATs allow it', async () => {
    for (const home of Object.values(homes)) await home.translate('alike');
    // Ports that were given out stay; new connections get new ones.
    await restartGateway();
    await eventually(() => dev.ok('peers', 'ping', 'alice'), SLOW);
    await eventually(async () => {
      const pings = await dev.ok('peers', 'ping', 'alice', '--count', '50');
      expect(pings.trim().split('\n').at(-1)).toMatch(`over /ip4/${homes.alice.address}/tcp/`);
    }, SLOW);
    await expectAllToWork(2);
    for (const home of Object.values(homes)) expect(await home.listening()).toEqual([]);
  });
});
