import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test, as a state directory is found first: not there yet. */
export function temporaryDirectory(): Promise<{ directory: string; dispose(): Promise<void> }> {
  return directoryIn(tmpdir());
}

/** The same in memory, on systems that have such a place: for tests that write thousands of files. */
export async function memoryDirectory(): Promise<{ directory: string; dispose(): Promise<void> }> {
  const shared = '/dev/shm';
  return directoryIn(
    await access(shared).then(
      () => shared,
      () => tmpdir(),
    ),
  );
}

async function directoryIn(place: string): Promise<{ directory: string; dispose(): Promise<void> }> {
  const parent = await mkdtemp(join(place, 'peercompute-store-'));
  return {
    directory: join(parent, 'state'),
    dispose: () => rm(parent, { recursive: true, force: true, maxRetries: 3 }),
  };
}
