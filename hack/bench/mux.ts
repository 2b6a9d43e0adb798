import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarize } from './measure.ts';
import { startMux } from './mux-servers.ts';
import { startNginx } from './nginx.ts';
import { outputOf } from './processes.ts';
import type { Server } from './servers.ts';
import { AES_GCM, CHACHA, startSshTunnel } from './ssh.ts';
import { digits } from './table.ts';
import { saturate } from './wrk.ts';

/**
 * P1 without its edge: HTTP through a tunnel, against `ssh -R` and against no tunnel at all, everything on this machine.
 * `node hack/bench/mux.ts [ROUNDS] [SECONDS]` needs nginx, wrk, curl and sshd (Debian: nginx-light wrk curl openssh-server).
 */

const [, , rounds = '3', seconds = '4'] = process.argv;
const CONNECTIONS = [1, 32, 256];

interface Figures {
  /** By how many connections. */
  requestsPerSecond: Map<number, number[]>;
  p99: number[];
  megabytesPerSecond: number[];
}

const directory = mkdtempSync(join(tmpdir(), 'bench-mux-'));
const servers: Record<string, Server> = {};
try {
  const place = (name: string) => {
    const path = join(directory, name);
    mkdirSync(path);
    return path;
  };
  const nginx = await startNginx(place('nginx'));
  servers['no tunnel'] = nginx;
  servers['mux over TLS'] = await startMux(place('mux'), nginx.port, 'tls');
  servers['ssh -R (chacha20)'] = await startSshTunnel(place('chacha'), nginx.port, { cipher: CHACHA });
  servers['ssh -R (aes128-gcm)'] = await startSshTunnel(place('gcm'), nginx.port, { cipher: AES_GCM });
  const names = Object.keys(servers);
  const figures = new Map(names.map((name) => [name, empty()]));
  for (let round = 0; round < Number(rounds); round++)
    for (const name of names) measure(servers[name]!.port, figures.get(name)!);
  print(figures);
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  rmSync(directory, { recursive: true });
}

function empty(): Figures {
  const requestsPerSecond = new Map(CONNECTIONS.map((count) => [count, [] as number[]]));
  return { requestsPerSecond, p99: [], megabytesPerSecond: [] };
}

function measure(port: number, figures: Figures): void {
  for (const count of CONNECTIONS) {
    const { requestsPerSecond, p99 } = saturate(`http://127.0.0.1:${port}/small`, count, Number(seconds));
    figures.requestsPerSecond.get(count)?.push(requestsPerSecond);
    if (count === 32) figures.p99.push(p99);
  }
  const url = `http://127.0.0.1:${port}/large`;
  const speed = outputOf('curl', ['-s', '-f', '-o', '/dev/null', '-w', '%{speed_download}', url]);
  figures.megabytesPerSecond.push(Number(speed) / 1e6);
}

function print(figures: Map<string, Figures>): void {
  const heading = ['', ...CONNECTIONS.map((count) => `req/s c${count}`), 'p99 ms c32', 'MB/s 64 MiB'];
  const rows = [...figures].map(([name, { requestsPerSecond, p99, megabytesPerSecond }]) => [
    name,
    ...CONNECTIONS.map((count) => summarize(requestsPerSecond.get(count) ?? []).median.toFixed(0)),
    digits(summarize(p99).median),
    digits(summarize(megabytesPerSecond).median),
  ]);
  for (const [first = '', ...rest] of [heading, ...rows])
    console.log([first.padEnd(22), ...rest.map((cell) => cell.padStart(12))].join(''));
}
