import { homedir } from 'node:os';
import { systemClock } from '../adapters/system/clock.ts';
import { compileWhole } from '../adapters/system/compile-cache.ts';
import { processStreams } from './process-streams.ts';
import { run } from './run.ts';
import { COMPONENTS } from './stores.ts';

// What is loaded by now every command needs, and little of it; what a command loads from here on it uses.
compileWhole();

const interrupted = new AbortController();
// Once: the first Ctrl-C ends the command in good order, the second one ends the process.
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
process.on('uncaughtException', (error) => {
  console.error(`error: ${error.message} (a fault of peerctl, please report it)`);
  process.exit(1);
});

// A command may wait for what keeps no process alive, such as a peer's answer.
setInterval(() => {}, 2 ** 30);
process.exitCode = await run(
  process.argv.slice(2),
  {
    streams: processStreams,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    clock: systemClock,
    signal: interrupted.signal,
  },
  COMPONENTS,
);
// All is written by now. Left to itself Node would take its memory apart first, which takes milliseconds.
process.exit();
