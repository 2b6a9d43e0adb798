import type { ProbeResult } from '../../../../../controllers/ports/runtime.ts';
import type { Engine } from '../engine/engine.ts';
import { engineMessage, hasStatus } from '../engine/errors.ts';

/** Runs commands in containers to see whether they exit 0. */
export class ExecProbes {
  readonly #engine: Engine;
  /** Exec IDs by container ID, of commands that overran their time: Docker has no way to end them. */
  readonly #overdue = new Map<string, string>();

  constructor(components: { engine: Engine }) {
    this.#engine = components.engine;
  }

  async probe(containerID: string, command: readonly string[], signal: AbortSignal): Promise<ProbeResult> {
    // One that hangs must not become a second every period.
    if (await this.#stillRuns(containerID))
      return failure('the command of an earlier probe is still running');
    try {
      const execID = await this.#create(containerID, command);
      return await this.#run(containerID, execID, command[0] ?? '', signal);
    } catch (error) {
      if (hasStatus(error, 404, 409)) return failure('the container is not running');
      if (hasStatus(error, 400, 500)) return failure(engineMessage(error));
      throw error;
    }
  }

  async #create(containerID: string, command: readonly string[]): Promise<string> {
    const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
    const exec = await this.#engine.ask('exec_create', (docker, abortSignal) =>
      docker.getContainer(containerID).exec({ ...options, abortSignal }),
    );
    return exec.id;
  }

  async #run(
    containerID: string,
    execID: string,
    program: string,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    try {
      await this.#drain(execID, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    // Asking also tells a slow command from an engine that hangs.
    const { Running, ExitCode } = await this.#inspect(execID);
    if (Running) this.#overdue.set(containerID, execID);
    if (Running) return failure(String(signal.reason));
    return { success: ExitCode === 0, message: describe(ExitCode, program) };
  }

  /** Reads what the command writes and keeps nothing: it may write without end, and may write secrets. */
  async #drain(execID: string, signal: AbortSignal): Promise<void> {
    const output = this.#engine.stream(
      (docker, abortSignal) => docker.getExec(execID).start({ abortSignal }),
      {
        signal,
      },
    );
    for await (const _ of output);
  }

  async #stillRuns(containerID: string): Promise<boolean> {
    const execID = this.#overdue.get(containerID);
    if (execID === undefined) return false;
    const running = await this.#inspect(execID).then(
      ({ Running }) => Running,
      (error: unknown) => {
        if (hasStatus(error, 404)) return false;
        throw error;
      },
    );
    if (!running) this.#overdue.delete(containerID);
    return running;
  }

  #inspect(execID: string): Promise<{ Running: boolean; ExitCode: number | null }> {
    return this.#engine.ask('exec_inspect', (docker, abortSignal) =>
      docker.getExec(execID).inspect({ abortSignal }),
    );
  }
}

function failure(message: string): ProbeResult {
  return { success: false, message };
}

/** Engines report either code for a program that is not there. */
function describe(exitCode: number | null, program: string): string {
  const missing = exitCode === 126 || exitCode === 127;
  return `exit code ${exitCode}${missing ? `: "${program}" is not in the image or cannot be executed` : ''}`;
}
