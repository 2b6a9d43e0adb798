import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startGateway, startWire, type Wire, writeCertificate } from './gateway-servers.ts';
import { askSteadily, type Latencies } from './latency.ts';
import { summarize } from './measure.ts';
import { startNginx, startTlsProxy } from './nginx.ts';
import { options } from './options.ts';
import { environment, outputOf } from './processes.ts';
import { inPlace, type Place } from './servers.ts';
import { AES_GCM, startSshTunnel } from './ssh.ts';
import { digits, milliseconds, printTable, type Row } from './table.ts';
import { areInstalled } from './tools.ts';

/**
 * P3: one download of 64 MiB through a gateway whose provider is far away, and a request now and then beside it, against
 * `ssh -R` over the same wire. The wire is a relay in user space that holds bytes back: it bounds what a tunnel
 * may have under way as a long way does, and queues what is sent faster; TCP itself never sees it.
 */

const RUNS = 3;
const WIRE: Wire = { megabits: 100, delayMs: 25 };
const TARGETS = { share: 0.8, addedMs: 20 };
/** Less than the connections can carry, so that no request waits for another one. */
const BESIDE = { perSecond: 20, connections: 4, seconds: 4 };
/** By then a download has found its speed. */
const UNDER_WAY_MS = 1_000;

interface Figures {
  /** Of the wire. */
  share: number[];
  quiet: Latencies[];
  beside: Latencies[];
}

const { runs } = options();
if (areInstalled('P3', ['nginx', 'curl', 'ssh', 'sshd'])) await inPlace(measure);

async function measure(place: Place): Promise<void> {
  const ports = await startAll(place);
  const [ours, others] = [empty(), empty()];
  for (let round = 0; round < runs(RUNS); round++) {
    await sample(ports.ours, ours);
    await sample(ports.others, others);
  }
  const { megabits, delayMs } = WIRE;
  const title = `P3  over a wire of ${megabits} Mbit/s and a round trip of ${2 * delayMs} ms, against ssh -R`;
  printTable(title, rows(ours, others));
}

async function startAll({ directory, start }: Place): Promise<{ ours: number; others: number }> {
  const certificates = await writeCertificate(directory('certificates'));
  const nginx = await start(startNginx(directory('nginx')));
  const wire = (where: string, target: number) => startWire(where, target, WIRE);
  const ssh = await start(startSshTunnel(directory('ssh'), nginx, { cipher: AES_GCM, wire }));
  return {
    ours: await start(startGateway(directory('gateway'), nginx, { certificates, wire: WIRE })),
    others: await start(startTlsProxy(directory('before-ssh'), ssh, certificates)),
  };
}

function empty(): Figures {
  return { share: [], quiet: [], beside: [] };
}

async function sample(port: number, figures: Figures): Promise<void> {
  const url = `https://localhost:${port}`;
  figures.share.push((Number(outputOf('curl', download(url))) * 8) / (WIRE.megabits * 1e6));
  figures.quiet.push(await askSteadily(`${url}/small`, BESIDE));
  const end = new AbortController();
  const options = { env: environment(), signal: end.signal };
  // It is broken off, or done before that.
  const bulk = promisify(execFile)('curl', download(url), options).catch(() => undefined);
  await sleep(UNDER_WAY_MS);
  figures.beside.push(await askSteadily(`${url}/small`, BESIDE));
  end.abort();
  await bulk;
}

function download(url: string): string[] {
  return ['-s', '-f', '-k', '--http1.1', '-o', '/dev/null', '-w', '%{speed_download}', `${url}/large`];
}

function rows(ours: Figures, others: Figures): Row[] {
  const [share, otherShare] = [ours, others].map(({ share: all }) => summarize(all).median) as [
    number,
    number,
  ];
  const added = (figures: Figures, which: keyof Latencies) =>
    median(figures.beside, which) - median(figures.quiet, which);
  return [
    {
      figure: 'share of the wire that one download has',
      ours: `${digits(100 * share)} %`,
      other: `${digits(100 * otherShare)} %`,
      target: `>= ${100 * TARGETS.share} %`,
      reached: share >= TARGETS.share,
    },
    {
      figure: 'latency of a request, p50',
      ours: milliseconds(median(ours.quiet, 'p50')),
      other: milliseconds(median(others.quiet, 'p50')),
    },
    {
      figure: 'what a download beside it adds, p50',
      ours: milliseconds(added(ours, 'p50')),
      other: milliseconds(added(others, 'p50')),
      target: `< ${TARGETS.addedMs} ms`,
      reached: added(ours, 'p50') < TARGETS.addedMs,
    },
    {
      figure: 'what a download beside it adds, p99',
      ours: milliseconds(added(ours, 'p99')),
      other: milliseconds(added(others, 'p99')),
    },
  ];
}

function median(all: readonly Latencies[], which: keyof Latencies): number {
  return summarize(all.map((one) => one[which])).median;
}
