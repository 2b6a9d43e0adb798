import { startGateway, writeCertificate } from './gateway-servers.ts';
import { type Summary, summarize } from './measure.ts';
import { startNginx, startTlsProxy } from './nginx.ts';
import { options } from './options.ts';
import { outputOf } from './processes.ts';
import { inPlace, type Place } from './servers.ts';
import { AES_GCM, startSshTunnel } from './ssh.ts';
import { digits, printTable, type Row, ratio } from './table.ts';
import { areInstalled } from './tools.ts';
import { saturate } from './wrk.ts';

/**
 * P1: what goes through a gateway, its tunnel and a provider, from a TLS client to an nginx with 1 KiB and 64 MiB files,
 * against nginx with TLS before `ssh -R`, and against nginx with TLS alone. Everything is on this machine and shares its
 * processors, client and nginx included; all of them write access logs.
 */

const RUNS = 3;
const SECONDS = 3;
const CONNECTIONS = [1, 32, 256];
/** With fewer connections latency counts, and the figure is for information. */
const BUSY_CONNECTIONS = 32;
const TARGETS = { requests: 1, bytes: 0.8 };

/** How the one we measure and its likes are called. */
const OURS = 'gateway';
const LIKES = ['ssh -R (aes128-gcm)', 'ssh -R (default cipher)', 'nginx alone'] as const;
const [GCM, DEFAULT, ALONE] = LIKES;

type Name = typeof OURS | (typeof LIKES)[number];

const BYTES_FIGURE = 'MB/s, 64 MiB';

/** By figure, one value each round. */
type Figures = Map<string, number[]>;

const { runs } = options();
if (areInstalled('P1', ['nginx', 'wrk', 'curl', 'ssh', 'sshd'])) await inPlace(measure);

async function measure(place: Place): Promise<void> {
  const ports = await startAll(place);
  const figures = new Map([...ports.keys()].map((name): [Name, Figures] => [name, new Map()]));
  for (let round = 0; round < runs(RUNS); round++)
    for (const [name, port] of ports) sample(port, figures.get(name) ?? new Map());
  print(figures);
}

async function startAll({ directory, start }: Place): Promise<Map<Name, number>> {
  const certificates = await writeCertificate(directory('certificates'));
  const nginx = await start(startNginx(directory('nginx')));
  const gcm = await start(startSshTunnel(directory('gcm'), nginx, { cipher: AES_GCM }));
  const chosen = await start(startSshTunnel(directory('default'), nginx));
  const gateway = startGateway(directory('gateway'), nginx, { certificates });
  return new Map<Name, number>([
    [OURS, await start(gateway)],
    [GCM, await start(startTlsProxy(directory('before-gcm'), gcm, certificates))],
    [DEFAULT, await start(startTlsProxy(directory('before-default'), chosen, certificates))],
    [ALONE, await start(startTlsProxy(directory('alone'), nginx, certificates))],
  ]);
}

function sample(port: number, figures: Figures): void {
  const url = `https://localhost:${port}`;
  const note = (figure: string, value: number) =>
    figures.set(figure, [...(figures.get(figure) ?? []), value]);
  for (const count of CONNECTIONS)
    note(requestsFigure(count), saturate(`${url}/small`, count, SECONDS).requestsPerSecond);
  const curl = ['-s', '-f', '-k', '--http1.1', '-o', '/dev/null', '-w', '%{speed_download}', `${url}/large`];
  note(BYTES_FIGURE, Number(outputOf('curl', curl)) / 1e6);
}

function requestsFigure(connections: number): string {
  return `requests/s, ${connections} connections`;
}

function print(figures: Map<Name, Figures>): void {
  const summary = (name: Name, figure: string) => summarize(figures.get(name)?.get(figure) ?? []);
  const rowsOf = (figure: string, target: number | undefined) =>
    LIKES.map((like) => {
      const isBar = like !== ALONE;
      return row(figure, like, summary(OURS, figure), summary(like, figure), isBar ? target : undefined);
    });
  printTable('P1  through a gateway and a tunnel, TLS outside, everything on this machine', [
    ...CONNECTIONS.flatMap((count) =>
      rowsOf(requestsFigure(count), count >= BUSY_CONNECTIONS ? TARGETS.requests : undefined),
    ),
    ...rowsOf(BYTES_FIGURE, TARGETS.bytes),
  ]);
}

function row(figure: string, like: string, ours: Summary, other: Summary, target: number | undefined): Row {
  return {
    figure: `${figure}, against ${like}`,
    ours: range(ours),
    other: range(other),
    compared: ratio(ours.median, other.median),
    ...(target && { target: `>= ${target}x`, reached: ours.median >= target * other.median }),
  };
}

function range({ median, min, max }: Summary): string {
  return `${digits(median)} (${digits(min)}-${digits(max)})`;
}
