import { existsSync } from 'node:fs';
import type { Logger } from '../../controllers/ports/logger.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { DirectoryStore } from '../adapters/store/directory-store.ts';
import type { Components, Context } from './context.ts';

/** Most commands that watch are over sooner than a person can edit a file, or busy with what a person waits for. */
const EDITS_AFTER_MS = 1_000;

/** The real parts; what few commands ask for is loaded when one does. */
export const COMPONENTS: Components = {
  async openStore(context: Context): Promise<Store | undefined> {
    if (!existsSync(context.stateDirectory)) return undefined;
    return new DirectoryStore(
      { clock: context.clock, logger: terminalLogger(context) },
      { directory: context.stateDirectory, editsAfterMilliseconds: EDITS_AFTER_MS },
    );
  },
  async openSession(context: Context) {
    const { openSession } = await import('./live/session.ts');
    return openSession(context);
  },
};

/** A command tells a person what failed and what might: the rest of a log is for programs that run for ever. */
export function terminalLogger(context: Pick<Context, 'warn'>): Logger {
  const warn: Logger['warn'] = (message, fields) =>
    context.warn(fields?.error ? `${message}: ${fields.error}` : message);
  const logger: Logger = { debug: () => {}, info: () => {}, warn, error: warn, child: () => logger };
  return logger;
}
