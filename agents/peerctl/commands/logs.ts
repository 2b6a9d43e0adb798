import { keyOf } from '../../../api/meta/object.ts';
import { targets } from '../change.ts';
import { defineCommand } from '../command.ts';
import { NAMESPACE } from '../common-flags.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { oneLine } from '../printers/escape.ts';
import type { LogEntry, LogRequest } from '../session.ts';

export const command = defineCommand({
  arguments: '[deployment/]NAME [REPLICA]',
  arity: { least: 1, most: 2 },
  complete: 'deployment',
  description:
    'What the containers write to stdout and stderr. With --all-replicas, each line begins with the name of its replica.',
  examples: [
    'peerctl logs web -f',
    'peerctl logs web web-1 --previous',
    'peerctl logs web --all-replicas --since 10m --timestamps',
  ],
  flags: {
    ...NAMESPACE,
    follow: {
      type: 'boolean',
      short: 'f',
      help: 'go on as lines come, until Ctrl-C; resumes after a broken connection',
    },
    tail: { type: 'integer', value: 'N', help: 'only the last N lines of each replica' },
    since: { type: 'duration', value: 'DURATION', help: 'only lines younger than this' },
    timestamps: { type: 'boolean', help: 'begin each line with its time' },
    previous: { type: 'boolean', short: 'p', help: 'of the last run that ended: why did it?' },
    'all-replicas': { type: 'boolean', help: 'every replica, on every peer' },
  },
  async run(context, { flags, words }) {
    const [name = '', replica] = words;
    const [deployment, ...more] = await targets(context, [name], {
      ...flags,
      selector: undefined,
      all: false,
    });
    if (!deployment || more.length > 0) throw new UsageError('name one deployment');
    if (replica !== undefined && flags['all-replicas'])
      throw new UsageError('name a replica or say --all-replicas, not both');
    const request: LogRequest = {
      key: keyOf(deployment),
      all: flags['all-replicas'],
      follow: flags.follow,
      previous: flags.previous,
      ...(replica === undefined ? {} : { replica }),
      ...(flags.tail === undefined ? {} : { tail: flags.tail }),
      ...(flags.since === undefined ? {} : { since: context.clock.now() - flags.since }),
    };
    const session = await context.session();
    await print(context, session.logs(request, context.signal), {
      prefix: request.all,
      timestamps: flags.timestamps,
    });
    return undefined;
  },
});

interface PrintOptions {
  prefix: boolean;
  timestamps: boolean;
}

async function print(
  context: Context,
  entries: AsyncIterable<LogEntry>,
  options: PrintOptions,
): Promise<void> {
  try {
    for await (const entry of entries) printEntry(context, entry, options);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}

/** The text itself is the user's data: only a terminal is protected from it. */
function printEntry({ out }: Context, entry: LogEntry, { prefix, timestamps }: PrintOptions): void {
  const before = [prefix ? entry.container : '', timestamps ? entry.timestamp : '']
    .filter(Boolean)
    .map(oneLine);
  out.line([...before, entry.text].join(' '));
}
