import { relayFreely } from '../adapters/system/memory.ts';

relayFreely();
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), process.env);
