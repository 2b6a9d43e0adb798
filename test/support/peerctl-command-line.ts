import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { run } from '../../agents/peerctl/run.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { FakeSession } from '../fakes/fake-session.ts';
import { FakeClock } from './fake-clock.ts';

// Jest's own answers objects of another realm, which the YAML library does not take for plain ones.
globalThis.structuredClone = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** What a command line left behind. */
export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** A command that is still running. */
export interface Running {
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Ctrl-C. */
  interrupt(): void;
  done: Promise<Result>;
}

/** A machine with a state directory, on which a test runs command lines. */
export class CommandLine {
  readonly clock = new FakeClock();
  /** The working directory; removed by {@link close}. */
  readonly cwd = mkdtempSync(join(tmpdir(), 'peerctl-test-'));
  readonly env: NodeJS.ProcessEnv = { USER: 'bob' };
  /** Undefined: there is no state directory. */
  store: Store | undefined = new MemoryStore({ clock: this.clock });
  readonly session = new FakeSession(() => this.store);
  /** What commands read from stdin. */
  stdin = '';
  /** Whether stdout and stderr are a terminal. */
  isTerminal = false;

  /** Writes a file into the working directory. */
  file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.cwd, name), content);
    return name;
  }

  async run(...args: string[]): Promise<Result> {
    return this.start(...args).done;
  }

  start(...args: string[]): Running {
    const texts = { stdout: '', stderr: '' };
    const interrupted = new AbortController();
    const stream = (name: 'stdout' | 'stderr') => ({
      isTTY: this.isTerminal,
      write: (text: string) => {
        texts[name] += text;
      },
    });
    const done = run(
      args,
      {
        streams: { stdin: lines(this.stdin), stdout: stream('stdout'), stderr: stream('stderr') },
        env: this.env,
        cwd: this.cwd,
        home: this.cwd,
        clock: this.clock,
        signal: interrupted.signal,
      },
      { openStore: async () => this.store, openSession: async () => this.session.open() },
    );
    return {
      get stdout() {
        return texts.stdout;
      },
      get stderr() {
        return texts.stderr;
      },
      interrupt: () => interrupted.abort(),
      done: done.then((code) => ({ code, ...texts })),
    };
  }

  close(): void {
    rmSync(this.cwd, { recursive: true });
  }
}

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}
