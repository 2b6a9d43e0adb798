import type { Logger } from '../../controllers/ports/logger.ts';
import type { Runtime } from '../../controllers/ports/runtime.ts';

/** Docker's own default, in seconds. */
const GRACE_SECONDS = 10;

/** Stops what runs here. The specs stay: the next start runs them again. */
export async function stopContainers(runtime: Runtime, logger: Logger): Promise<void> {
  const running = (await runtime.list()).filter(({ state }) => state === 'Running');
  await Promise.all(
    running.map(async ({ name }) => {
      await runtime
        .stop(name, GRACE_SECONDS)
        .catch((error) => logger.warn('Container was not stopped', { container: name, error }));
    }),
  );
}
