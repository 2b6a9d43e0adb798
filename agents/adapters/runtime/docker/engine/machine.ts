import type { Engine } from './engine.ts';

/** What the engine's machine has; the client does not type this answer. */
export interface Machine {
  NCPU: number;
  /** Bytes. */
  MemTotal: number;
}

export async function askMachine(engine: Engine): Promise<Machine> {
  return (await engine.ask('info', (docker) => docker.info())) as Machine;
}
