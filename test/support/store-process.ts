import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Another process at work in a state directory. */
export interface StoreProcess {
  pid: number;
  /** What it says, line by line. */
  lines: Interface;
  /** Lets it go on, where it waits to be told. */
  tell(line: string): void;
  kill(): void;
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Starts `test/support/store-<name>-process.ts`; whoever starts it must see it end. */
export function startStoreProcess(name: string, ...args: string[]): StoreProcess {
  const script = fileURLToPath(new URL(`store-${name}-process.ts`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const { pid, stdin, stdout } = child;
  if (pid === undefined || !stdin || !stdout) throw new Error(`${script} did not start`);
  return {
    pid,
    lines: createInterface({ input: stdout }),
    tell: (line) => void stdin.write(`${line}\n`),
    kill: () => void child.kill('SIGKILL'),
    ended: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
}
