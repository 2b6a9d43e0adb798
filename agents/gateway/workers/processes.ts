import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { FromWorker, MainProcess, ToWorker, WorkerProcess } from './messages.ts';

/** What a worker is called with. */
const ARGUMENT = 'worker';

/** Secrets of the main process, which workers have no use for. */
const KEPT_BACK = { PEERCOMPUTE_PASSPHRASE: undefined, PEERCOMPUTE_ACME_EAB: undefined };

/** Whether this process is a worker of another one. */
export function isWorker(): boolean {
  return process.send !== undefined && process.argv[2] === ARGUMENT;
}

/** Starts a process of this program that is a worker. It ends by itself when this one is gone. */
export function forkWorker(): WorkerProcess {
  const [, program = ''] = process.argv;
  const env = { ...process.env, ...KEPT_BACK };
  // Not as JSON: bytes and maps arrive as what they are.
  const child = fork(program, [ARGUMENT], { env, serialization: 'advanced' });
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  // It could not be started, or not be told something, which it cannot live without.
  child.on('error', ({ message }) => {
    resolve(message);
    child.kill('SIGKILL');
  });
  return {
    pid: child.pid,
    exited,
    kill: () => void child.kill('SIGKILL'),
    send: (message: ToWorker, socket) => send(child, message, socket),
    onMessage: (listener) =>
      void child.on('message', (message, socket) => listener(message as FromWorker, socket as Socket)),
  };
}

/** To be called in a worker, which from then on ends when the main process does. */
export function mainProcess(): MainProcess {
  const exit = (code: number) => process.exit(code);
  process.on('disconnect', () => exit(0));
  return {
    exit,
    send: (message: FromWorker, socket) => send(process, message, socket),
    onMessage: (listener) =>
      void process.on('message', (message, socket) => listener(message as ToWorker, socket as Socket)),
  };
}

function send(to: ChildProcess | NodeJS.Process, message: object, socket?: Socket): Promise<void> {
  return new Promise((resolve) => {
    // Node would keep it until the other process says that it has it, and for ever where that dies first. On its way it is open by itself.
    to.send?.(message, socket, { keepOpen: true }, () => {
      socket?.destroy();
      resolve();
    });
  });
}
