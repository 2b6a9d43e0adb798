import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from './processes.ts';
import { SEARCH_PATH } from './tools.ts';
import { inScratch } from './world.ts';

/** Programs that a benchmark starts, each in a directory of its own. */

const START_MS = 10_000;

export interface Server {
  port: number;
  /** Of the process that listens there. */
  pid: number;
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
  const child = spawn(command, args, { env: environment({ PATH: SEARCH_PATH }), stdio: ['ignore', fd, fd] });
  closeSync(fd);
  const server = { port, pid: child.pid ?? 0, stop: () => stop(child) };
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

/** What a benchmark runs on. */
export interface Place {
  /** A directory for one of its parts. */
  directory(name: string): string;
  /** Waits for a server, which is stopped in the end. Answers its port. */
  start(starting: Promise<Server>): Promise<number>;
}

/** Gives `work` a place, and takes down afterwards what was started there. */
export function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  return inScratch(async (scratch) => {
    const started: Server[] = [];
    const start = async (starting: Promise<Server>) => {
      const server = await starting;
      started.push(server);
      return server.port;
    };
    try {
      await work({ directory: (name) => join(scratch, name), start });
    } finally {
      await stopAll(started);
    }
  });
}

/** Stops all of them, the last first: it may lead to one before it. */
export async function stopAll(servers: readonly Server[]): Promise<void> {
  for (const server of servers.toReversed()) await server.stop();
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
