import type { RequestOptions } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { jest } from '@jest/globals';
import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { eventually } from '../support/eventually.ts';
import type { Daemon } from './daemon.ts';
import { Machines } from './machines.ts';
import { TunnelProvider } from './tunnel-provider.ts';
import { ask, Regulars } from './visitors.ts';

jest.setTimeout(120_000);

const SLOW = { timeoutMs: 20_000, intervalMs: 50 };
const HOST = 'web-dev.example.test';
const WORKERS = 2;

/** What takes a container a second. */
const LONG = '/1000';

let machines: Machines;
let gateway: Daemon;
let provider: TunnelProvider;
let port: number;
let regulars: Regulars | undefined;
/** Requests for {@link LONG} that have come to a container. */
let longAsked = 0;
const dev = generateIdentity();

beforeAll(async () => {
  machines = await Machines.create();
  gateway = await machines.gateway('gateway', {
    flags: ['--workers', String(WORKERS), '--ca-domain', 'other.test'],
  });
  port = Number(await gateway.said(/"httpsPort":(\d+)/));
  await gateway.cli.ok(
    'peers',
    'add',
    dev.peerID,
    '--name',
    'dev',
    '--allow',
    'expose',
    '--host',
    '*.other.test',
  );
  await reserve('shop.other.test');
  provider = await newProvider('alice');
  const { tunnel } = await provider.expose(dev, 'web');
  expect(tunnel).toEqual({ port, workers: WORKERS });
  provider.keepUp({ port, workers: WORKERS });
  await eventually(async () => expect(await ofWorkers('tunnels')).toEqual([1, 1]), SLOW);
  await eventually(() => answers(HOST), SLOW);
});

afterAll(async () => {
  provider.stop();
  await machines.stop();
});

/** No DNS knows it: the owner of the gateway says whose it is. */
async function reserve(host: string): Promise<void> {
  const spec = `{owner: ${dev.peerID}, deployment: {namespace: default, name: shop}, generated: false}`;
  const file = await machines.file(
    'reservation.yaml',
    `apiVersion: peercompute.dev/v1alpha1\nkind: HostReservation\nmetadata: {name: ${host}}\nspec: ${spec}\n`,
  );
  await gateway.cli.ok('apply', '-f', file);
}

/** One that the gateway lets carry Routes, and whose container says who it is, some time after it was asked. */
async function newProvider(name: string): Promise<TunnelProvider> {
  const made = new TunnelProvider(
    { peerID: await gateway.cli.peerID(), address: gateway.address },
    ({ url }, response) => {
      if (url === LONG) longAsked++;
      setTimeout(() => response.end(name), Number(url?.slice(1)));
    },
  );
  await made.start();
  await gateway.cli.ok('peers', 'add', made.identity.peerID, '--name', name, '--allow', 'expose');
  return made;
}

afterEach(() => regulars?.leave());

/** What a metric says of each worker. */
async function ofWorkers(name: string): Promise<number[]> {
  const text = await (await fetch(`${gateway.healthURL}/metrics`)).text();
  const found = text.matchAll(new RegExp(`^peercompute_gateway_worker_${name}{worker="\\d+"} (\\d+)$`, 'gm'));
  return [...found].map(([, value]) => Number(value));
}

/** Of the workers that were started last. */
async function pids(): Promise<number[]> {
  const found = (await gateway.log()).matchAll(/"worker":(\d+),"pid":(\d+),"msg":"Worker started"/g);
  return [...new Map([...found].map(([, slot, pid]) => [Number(slot), Number(pid)])).values()];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
}

function visit(host: string, options: RequestOptions = {}) {
  return ask(host, { port, ...options });
}

async function answers(host: string): Promise<void> {
  for (let visits = 0; visits < 2 * WORKERS; visits++) expect(await visit(host)).toEqual([200, 'alice']);
}

/** Opens a connection of TLS, and resolves when that is up. */
function greet(options: { session?: Buffer; ALPNProtocols?: string[] }): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const address = { host: '127.0.0.1', port, servername: HOST, rejectUnauthorized: false };
    const socket = connect({ ...address, ...options }, () => resolve(socket)).once('error', reject);
  });
}

describe('a gateway with two workers', () => {
  it('serves a host by both, and by tunnels of each', async () => {
    for (let visits = 0; visits < 40; visits++) expect(await visit(HOST)).toEqual([200, 'alice']);
    await eventually(async () => {
      const counts = await ofWorkers('requests_total');
      expect(counts.map((count) => count >= 20)).toEqual([true, true]);
    }, SLOW);
    expect((await provider.status('web'))?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Connected',
        status: 'True',
        message: 'the tunnel of the provider is up',
      }),
    );
  });

  it('resumes at one worker the session of TLS that another has begun', async () => {
    const first = await greet({ ALPNProtocols: ['http/1.1'] });
    const session = await new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.destroy();
    for (let visits = 0; visits < 2 * WORKERS; visits++) {
      const socket = await greet({ session, ALPNProtocols: ['http/1.1'] });
      expect(socket.isSessionReused()).toBe(true);
      socket.destroy();
    }
  });

  it('takes up new Routes and certificates in both, and breaks nothing by that', async () => {
    regulars = new Regulars(HOST, { port, count: 6 });
    await provider.expose(dev, 'shop', 'shop.other.test');
    await eventually(() => answers('shop.other.test'), SLOW);
    await regulars.leave();
    expect([regulars.failed, regulars.answered > 20]).toEqual([0, true]);
  });

  it('serves by a worker that has a tunnel who comes to one that has none, and says how many there are', async () => {
    const lame = await newProvider('bob');
    const { host = '' } = await lame.expose(dev, 'lame');
    lame.keepUp({ port, workers: 1 });
    await eventually(async () => {
      for (let visits = 0; visits < 2 * WORKERS; visits++) expect(await visit(host)).toEqual([200, 'bob']);
    }, SLOW);
    const message = '1 of 2 tunnels of the provider are up; it dials the others as soon as it can';
    await eventually(async () => {
      const conditions = (await lame.status('lame'))?.conditions;
      expect(conditions).toContainEqual(
        expect.objectContaining({ type: 'Connected', status: 'True', message }),
      );
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    }, SLOW);
    lame.stop();
    await eventually(async () => expect((await visit(host))[0]).toBe(503), SLOW);
  });

  it('takes the tunnels of who cannot dial over the control connection to both', async () => {
    const shy = await newProvider('carol');
    const { host = '' } = await shy.expose(dev, 'shy');
    shy.keepUp({ port: 1, workers: WORKERS });
    await eventually(async () => expect(await ofWorkers('tunnels')).toEqual([2, 2]), SLOW);
    await eventually(async () => {
      for (let visits = 0; visits < 2 * WORKERS; visits++) expect(await visit(host)).toEqual([200, 'carol']);
    }, SLOW);
    shy.stop();
    await eventually(async () => expect(await ofWorkers('tunnels')).toEqual([1, 1]), SLOW);
  });

  it.each(['2', '999', '1000', '-1', 'x', ''])('refuses a tunnel to the worker "%s"', async (slot) => {
    const ALPNProtocols = ['peercompute-tunnel/1', `peercompute-worker/${slot}`];
    await expect(greet({ ALPNProtocols })).rejects.toThrow();
    expect(await visit(HOST)).toEqual([200, 'alice']);
  });

  it('replaces a worker that was killed, and serves by the other one meanwhile', async () => {
    regulars = new Regulars(HOST, { port, count: 8 });
    let connections: number[] = [];
    await eventually(async () => {
      connections = await ofWorkers('connections');
      expect(connections.reduce((sum, count) => sum + count)).toBe(8);
    }, SLOW);
    const [, victim = 0] = await pids();
    process.kill(victim, 'SIGKILL');
    await eventually(async () => {
      await answers(HOST);
      expect((await pids())[1]).not.toBe(victim);
      expect(await ofWorkers('up')).toEqual([1, 1]);
      expect(await ofWorkers('tunnels')).toEqual([1, 1]);
    }, SLOW);
    await answers(HOST);
    await regulars.leave();
    // Whoever was not in the middle of a request has just come again.
    expect(regulars.failed).toBeLessThanOrEqual(connections[1] ?? 0);
    expect(isRunning(victim)).toBe(false);
  });

  it('lets nobody wait who was on his way to a worker that ended', async () => {
    const [victim = 0] = await pids();
    process.kill(victim, 'SIGSTOP');
    let answered = 0;
    const visits = Array.from({ length: 20 }, () =>
      visit(HOST).then(
        (answer) => {
          answered++;
          return answer;
        },
        ({ code }) => code,
      ),
    );
    // Those in between were dealt to the one that hears nothing.
    await eventually(() => expect(answered).toBeGreaterThanOrEqual(10), SLOW);
    process.kill(victim, 'SIGKILL');
    const outcomes = await Promise.all(visits);
    expect(new Set(outcomes.filter((outcome) => typeof outcome === 'string'))).toEqual(
      new Set(['ECONNRESET']),
    );
    expect(outcomes.filter((outcome) => typeof outcome !== 'string').length).toBeGreaterThanOrEqual(10);
    await eventually(() => answers(HOST), SLOW);
    await eventually(async () => expect(await ofWorkers('up')).toEqual([1, 1]), SLOW);
  });

  it('answers what is under way when it is told to stop, and leaves no process', async () => {
    const running = await pids();
    const under = Array.from({ length: 6 }, () => visit(HOST, { path: LONG }));
    await eventually(() => expect(longAsked).toBe(6), SLOW);
    const ended = gateway.stop('SIGTERM');
    expect(await Promise.all(under)).toEqual(under.map(() => [200, 'alice']));
    expect(await ended).toBe(0);
    expect(running.map(isRunning)).toEqual([false, false]);
  });

  it('leaves no worker behind when it is killed', async () => {
    await gateway.start('--https-port', String(port));
    const running = await pids();
    expect(running.map(isRunning)).toEqual([true, true]);
    await gateway.stop('SIGKILL');
    await eventually(() => expect(running.map(isRunning)).toEqual([false, false]), SLOW);
  });
});
