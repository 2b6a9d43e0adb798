import { setTimeout } from 'node:timers/promises';
import { FileLock } from '../../agents/adapters/store/file-lock.ts';
import { nodeFileSystem } from '../../agents/adapters/store/file-system.ts';
import { thisProcess } from '../../agents/adapters/store/process-identity.ts';

/** Takes the lock of a state directory and keeps it until it is killed. */
const [directory = ''] = process.argv.slice(2);
const lock = new FileLock(
  { fileSystem: nodeFileSystem, process: thisProcess() },
  { path: `${directory}/lock` },
);
await lock.acquire();
console.log('held');
await setTimeout(60_000);
