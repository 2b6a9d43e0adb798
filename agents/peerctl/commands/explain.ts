import { defineCommand } from '../command.ts';
import { explainPath } from '../schema/explain.ts';

export const command = defineCommand({
  arguments: 'KIND[.FIELD...]',
  arity: { least: 1, most: 1 },
  complete: 'kind',
  description: 'Says what a field means, its type and its default, and what is inside it.',
  examples: [
    'peerctl explain deployment',
    'peerctl explain deploy.spec.strategy',
    'peerctl explain peer.spec.grants --recursive',
  ],
  flags: { recursive: { type: 'boolean', help: 'show every field below as well' } },
  async run(context, { flags, words }) {
    context.out.write(explainPath(words[0] ?? '', flags.recursive));
    return undefined;
  },
});
