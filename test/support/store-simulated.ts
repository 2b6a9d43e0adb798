import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import type { FileSystem } from '../../agents/adapters/store/file-system.ts';
import { thisProcess } from '../../agents/adapters/store/process-identity.ts';
import type { Logger } from '../../controllers/ports/logger.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';

/** Where stores on a simulated disk keep their state. */
export const DIRECTORY = '/state';

/** This process, on a simulated machine. */
export const SIMULATED_PROCESS = { ...thisProcess(), hostname: 'simulated', bootID: 'boot 1' };

/** A store on a simulated disk, in the n-th boot of its machine. */
export function openStore(fileSystem: FileSystem, boot = 1, logger: Logger = silentLogger): DirectoryStore {
  const process = { ...SIMULATED_PROCESS, bootID: `boot ${boot}` };
  return new DirectoryStore(
    { clock: new FakeClock(), logger, fileSystem, process },
    { directory: DIRECTORY },
  );
}

/** Numbers that look random and are the same each time, from 0 up to `count`. */
export function pseudoRandom(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}
