import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, writeCertificate } from '../../hack/bench/gateway-servers.ts';
import { usageOf } from '../../hack/bench/processes.ts';
import { eventually } from '../support/eventually.ts';
import { echoingContainer, WebSockets } from '../support/gateway-websockets.ts';

const COUNT = Math.min(1_000, 100 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1));
/** The bar is for a thousand. What fewer cost is hard to tell from what comes and goes in a program at rest. */
const ALLOWED_MB = COUNT < 1_000 ? 16 : 60;
/** Opened and closed before anything is measured: code is compiled, and the heap has grown. */
const WARM_UP = 200;
/** By then a program at rest has collected what the handshakes left. */
const REST_MS = 1_500;

test(`G2: ${COUNT} idle WebSockets over one tunnel cost the gateway and the provider less than ${ALLOWED_MB} MB each`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'peercompute-websockets-'));
  const container = echoingContainer().listen(0, '127.0.0.1');
  await once(container, 'listening');
  const certificates = await writeCertificate(join(directory, 'certificates'));
  const target = (container.address() as AddressInfo).port;
  const gateway = await startGateway(join(directory, 'gateway'), target, { certificates });
  const visitors = new WebSockets();
  try {
    await visitors.open(WARM_UP, 'localhost', gateway.port);
    visitors.terminate();
    await eventually(() => expect(visitors.dropped).toBe(WARM_UP));
    const pids = [gateway.pid, gateway.providerPid];
    const rest = async () => {
      await sleep(REST_MS);
      return pids.map((pid) => usageOf(pid).rssBytes);
    };
    const before = await rest();
    await visitors.open(COUNT, 'localhost', gateway.port);
    expect(await visitors.echo()).toBe(COUNT);
    for (const [index, bytes] of (await rest()).entries())
      expect(bytes - (before[index] ?? 0)).toBeLessThan(ALLOWED_MB * 1e6);
  } finally {
    visitors.terminate();
    await gateway.stop();
    container.closeAllConnections();
    container.close();
    await rm(directory, { recursive: true });
  }
}, 120_000);
