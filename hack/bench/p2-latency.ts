import { startGateway, writeCertificate } from './gateway-servers.ts';
import { askSteadily, type Latencies } from './latency.ts';
import { summarize } from './measure.ts';
import { startNginx, startTlsProxy } from './nginx.ts';
import { options } from './options.ts';
import { inPlace, type Place } from './servers.ts';
import { milliseconds, printTable, type Row } from './table.ts';
import { areInstalled } from './tools.ts';
import { saturate } from './wrk.ts';

/**
 * P2: what a gateway, its tunnel and a provider add to how long a request of 1 KiB takes, over nginx with TLS alone, while
 * nothing is at its limit: at half of what the gateway can do at most, and at a tenth. Everything is on this machine.
 */

const RUNS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;
/** Of what the gateway can do at most. */
const RATES = [0.5, 0.1];
const TARGET_MS = 5;

const { runs } = options();
if (areInstalled('P2', ['nginx', 'wrk'])) await inPlace(measure);

async function measure({ directory, start }: Place): Promise<void> {
  const certificates = await writeCertificate(directory('certificates'));
  const nginx = await start(startNginx(directory('nginx')));
  const gateway = urlOf(await start(startGateway(directory('gateway'), nginx, { certificates })));
  const alone = urlOf(await start(startTlsProxy(directory('alone'), nginx, certificates)));
  const { requestsPerSecond } = saturate(gateway, CONNECTIONS, SECONDS);
  const rows: Row[] = [];
  for (const rate of RATES) rows.push(...(await compare(gateway, alone, rate * requestsPerSecond)));
  printTable(`P2  latency over ${CONNECTIONS} connections, against nginx with TLS alone`, rows);
}

function urlOf(port: number): string {
  return `https://localhost:${port}/small`;
}

async function compare(gateway: string, alone: string, rate: number): Promise<Row[]> {
  const perSecond = Math.round(rate);
  const init = { perSecond, connections: CONNECTIONS, seconds: SECONDS };
  const ours: Latencies[] = [];
  const others: Latencies[] = [];
  for (let round = 0; round < runs(RUNS); round++) {
    ours.push(await askSteadily(gateway, init));
    others.push(await askSteadily(alone, init));
  }
  const figure = (name: string) => `${name} at ${perSecond} requests/s`;
  const p99 = row(figure('p99'), ours, others, 'p99');
  const added = median(ours, 'p99') - median(others, 'p99');
  return [
    row(figure('p50'), ours, others, 'p50'),
    { ...p99, target: `< +${TARGET_MS} ms`, reached: added < TARGET_MS },
  ];
}

function row(figure: string, ours: readonly Latencies[], others: readonly Latencies[], which: Which): Row {
  const [our, other] = [median(ours, which), median(others, which)];
  const added = our - other;
  const compared = `${added < 0 ? '-' : '+'}${milliseconds(Math.abs(added))}`;
  return { figure, ours: milliseconds(our), other: milliseconds(other), compared };
}

type Which = keyof Latencies;

function median(all: readonly Latencies[], which: Which): number {
  return summarize(all.map((one) => one[which])).median;
}
