import { systemClock } from '../../adapters/system/clock.ts';
import { lineLog } from '../../adapters/system/line-log.ts';
import { createLogger } from '../../adapters/system/logger.ts';
import { VERSION } from '../../adapters/system/version.ts';
import type { Welcome } from './messages.ts';
import { mainProcess } from './processes.ts';
import { Worker } from './worker.ts';

/** Runs this process as a worker, until the main process says that it is enough, or is gone. */
export function runWorker(): void {
  // They come to the whole group, or to all of a unit: the main process says what to do.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
  let worker: Worker | undefined;
  const main = mainProcess();
  main.onMessage((message, socket) => {
    if (message.type === 'welcome') worker = begin(message);
    else worker?.hear(message, socket);
  });

  function begin(welcome: Welcome): Worker | undefined {
    const logger = createLogger({ level: welcome.logLevel }).child({ worker: welcome.slot });
    if (welcome.version !== VERSION) {
      const { version } = welcome;
      logger.error('Worker is of another version: restart the gateway', {
        version: VERSION,
        running: version,
      });
      main.exit(1);
      return undefined;
    }
    const over = new AbortController();
    // Before the log has its own way to end, so that it comes first.
    process.once('exit', () => over.abort());
    const log = lineLog(over.signal, { isShared: true });
    const made = new Worker({ main, clock: systemClock, logger, log }, welcome);
    made.start();
    return made;
  }
}
