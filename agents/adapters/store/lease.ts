import { dirname } from 'node:path';
import { ensureDirectory } from './durable-file.ts';
import { reported } from './file-errors.ts';
import { FileLock, type Holder } from './file-lock.ts';
import { nodeFileSystem } from './file-system.ts';
import { thisProcess } from './process-identity.ts';

/** Something that one process at a time has, for as long as it likes. */
export interface Lease {
  release(): void;
}

/**
 * Takes the lease at `path`, or answers who has it. It ends with {@link Lease.release} or with this
 * process, however that ends.
 */
export function acquireLease(path: string): Promise<Lease | { holder: Holder }> {
  return reported(async () => {
    await ensureDirectory(nodeFileSystem, dirname(path));
    const lock = new FileLock({ fileSystem: nodeFileSystem, process: thisProcess() }, { path });
    const held = lock.tryAcquire();
    if (!('release' in held)) return { holder: held };
    process.once('exit', held.release);
    return {
      release: () => {
        process.off('exit', held.release);
        held.release();
      },
    };
  });
}
