import { defineCommand } from '../command.ts';
import { candidates } from '../completion/candidates.ts';

export const command = defineCommand({
  arguments: '-- WORD...',
  description: 'Prints what the last word can become, one per line. For the scripts of "peerctl completion".',
  examples: ['peerctl __complete -- get deploy ""'],
  flags: {},
  async run(context, { rest }) {
    for (const candidate of await candidates(context, rest)) context.out.line(candidate);
    return undefined;
  },
});
