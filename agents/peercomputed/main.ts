import { relayFreely, stayLean } from '../adapters/system/memory.ts';

// Before the rest is loaded: that alone makes V8's space for new objects grow.
stayLean();
relayFreely();
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), process.env);
