import { defineCommand } from '../command.ts';
import { ALL_NAMESPACES, NAMESPACE, SELECTOR } from '../common-flags.ts';
import { eventsOf } from '../events.ts';
import { formatBlocks } from '../printers/blocks.ts';
import { describe } from '../printers/describe.ts';
import { parseQueries } from '../queries.ts';
import { findAll, scopeOf } from '../resources.ts';

export const command = defineCommand({
  arguments: 'KIND|KIND/NAME|NAME [NAME...]',
  arity: { least: 1, most: Number.POSITIVE_INFINITY },
  complete: 'resource',
  description:
    'Values of environment variables are not shown; "peerctl get NAME -o yaml" shows the whole spec.',
  examples: ['peerctl describe web', 'peerctl describe peer/alice', 'peerctl describe deploy -l app=shop'],
  flags: { ...NAMESPACE, ...ALL_NAMESPACES, ...SELECTOR },
  async run(context, { flags, words }) {
    const store = await context.store();
    const objects = await findAll(store, parseQueries(words), scopeOf(flags));
    if (objects.length === 0) context.err.line('No resources found.');
    const now = context.clock.now();
    const texts = objects.map(async (object) =>
      formatBlocks(describe(object, await eventsOf(store, object), now)),
    );
    context.out.write((await Promise.all(texts)).join('\n\n'));
    return undefined;
  },
});
