import { defineCommand } from '../command.ts';
import { findCommand, helpOn } from '../dispatch.ts';

export const command = defineCommand({
  arguments: '[COMMAND...]',
  arity: { least: 0, most: 2 },
  complete: 'command',
  description: 'The same as --help.',
  examples: ['peerctl help apply', 'peerctl help peers add'],
  flags: {},
  async run(context, { words }) {
    context.out.write(await helpOn(findCommand(words)));
    return undefined;
  },
});
