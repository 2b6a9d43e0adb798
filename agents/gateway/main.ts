import { relayFreely } from '../adapters/system/memory.ts';
import { isWorker } from './workers/processes.ts';

relayFreely();
if (isWorker()) {
  const { runWorker } = await import('./workers/run-worker.ts');
  runWorker();
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2), process.env);
}
