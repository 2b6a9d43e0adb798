import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test, as a state directory is found first: not there yet. */
export async function temporaryDirectory(): Promise<{ directory: string; dispose(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'peercompute-store-'));
  return {
    directory: join(parent, 'state'),
    dispose: () => rm(parent, { recursive: true, force: true, maxRetries: 3 }),
  };
}
