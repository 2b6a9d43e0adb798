import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { commandOf, type Ended, environment, type Place } from './programs.ts';

/** `peerctl` on one state directory. */
export class CommandLine {
  readonly stateDirectory: string;
  readonly #place: Place;
  readonly #children: Set<ChildProcess>;

  /** @param children Where it puts what it starts, for whoever cleans up. */
  constructor(stateDirectory: string, place: Place, children: Set<ChildProcess>) {
    this.stateDirectory = stateDirectory;
    this.#place = place;
    this.#children = children;
  }

  /** Runs a command to its end, whatever that is. */
  run(...args: string[]): Promise<Ended> {
    const options = { timeout: 60_000, env: environment() };
    return new Promise((done) => {
      const child = execFile(...this.#command(args), options, (error, stdout, stderr) => {
        this.#children.delete(child);
        done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      });
      this.#children.add(child);
    });
  }

  /** Runs a command that must succeed. @returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`peerctl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts a command that goes on, such as `get -w`. */
  follow(...args: string[]): Following {
    const child = spawn(...this.#command(args), { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    return new Following(child);
  }

  async peerID(): Promise<string> {
    return (await this.ok('identity')).trim();
  }

  #command(args: string[]): [file: string, args: string[]] {
    return commandOf('peerctl', this.#place, ['--state-dir', this.stateDirectory, ...args]);
  }
}

/** A command under way and what it has printed so far. */
export class Following {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => (this.stdout += chunk));
    child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Ctrl-C. @returns the exit code. */
  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended;
  }
}
