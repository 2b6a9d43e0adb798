import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, NODE, outputOf } from './processes.ts';

/** The programs that the multiplexer is measured with and against, each in a directory of its own. */

const START_MS = 10_000;

export interface Server {
  port: number;
  stop(): Promise<void>;
}

/** Starts a program that listens, and waits until it does. What it says goes to a file in `directory`. */
export async function startServer(
  directory: string,
  port: number,
  command: string,
  args: readonly string[],
): Promise<Server> {
  const logFile = join(directory, 'log');
  const fd = openSync(logFile, 'a');
  const child = spawn(command, args, { env: environment(), stdio: ['ignore', fd, fd] });
  closeSync(fd);
  const server = { port, stop: () => stop(child) };
  const deadline = performance.now() + START_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await server.stop();
      throw new Error(`${command} did not start:\n${readFileSync(logFile, 'utf8')}`);
    }
    await sleep(20);
  }
  return server;
}

/** nginx with one worker that serves `/small`, 1 KiB, and `/large`, 64 MiB. */
export async function startNginx(directory: string): Promise<Server> {
  const port = await freePort();
  mkdirSync(join(directory, 'files'), { recursive: true });
  writeFileSync(join(directory, 'files', 'small'), Buffer.alloc(1024, 'x'));
  writeFileSync(join(directory, 'files', 'large'), Buffer.alloc(64 * 1024 * 1024, 'x'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join('\n');
  const config = `
    daemon off; pid ${directory}/pid; error_log ${directory}/error.log; worker_processes 1; user root;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000; sendfile on; tcp_nodelay on; ${temporary}
      server { listen 127.0.0.1:${port}; root ${directory}/files; }
    }`;
  writeFileSync(join(directory, 'nginx.conf'), config);
  return startServer(directory, port, 'nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')]);
}

/** `ssh -R`: a port that sshd listens on and the client connects to `target`. */
export async function startSshTunnel(directory: string, target: number, cipher: string): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  // sshd insists on it, and Debian makes it only where the service runs.
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'user'])
    outputOf('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  const [sshPort, port] = [await freePort(), await freePort()];
  const config = `
    ListenAddress 127.0.0.1:${sshPort}
    HostKey ${directory}/host
    AuthorizedKeysFile ${directory}/user.pub
    PermitRootLogin prohibit-password
    StrictModes no
    UsePAM no
    PidFile none`;
  writeFileSync(join(directory, 'sshd_config'), config);
  const sshd = await startServer(directory, sshPort, '/usr/sbin/sshd', [
    '-D',
    '-e',
    '-f',
    join(directory, 'sshd_config'),
  ]);
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ExitOnForwardFailure=yes'];
  const args = [...options.flatMap((option) => ['-o', option]), '-c', cipher, '-i', join(directory, 'user')];
  const forward = ['-N', '-p', `${sshPort}`, '-R', `127.0.0.1:${port}:127.0.0.1:${target}`, 'root@127.0.0.1'];
  const ssh = await startServer(directory, port, 'ssh', [...args, ...forward]);
  return { port, stop: async () => void (await Promise.all([ssh.stop(), sshd.stop()])) };
}

/** A gateway and a provider, a process each, with a tunnel between them; the port leads to `target`. */
export async function startMux(directory: string, target: number, over: string): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const [port, tunnelPort] = [await freePort(), await freePort()];
  const program = (name: string, ...ports: number[]) => [
    ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []),
    join(import.meta.dirname, `mux-${name}.ts`),
    over,
    ...ports.map(String),
  ];
  const gateway = await startServer(directory, tunnelPort, NODE, program('gateway', port, tunnelPort));
  const provider = await startServer(directory, port, NODE, program('provider', tunnelPort, target));
  return { port, stop: async () => void (await Promise.all([gateway.stop(), provider.stop()])) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
