import { defineCommand } from '../command.ts';
import { OUTPUT, SELECTOR, WATCH } from '../common-flags.ts';
import { command as get } from './get.ts';

export const command = defineCommand({
  description: 'The same as "peerctl get trustedpeers".',
  examples: ['peerctl peers list', 'peerctl peers list -o wide'],
  flags: { ...SELECTOR, ...OUTPUT, ...WATCH },
  run: (context, { flags, rest }) =>
    get.run(context, {
      words: ['trustedpeers'],
      rest,
      flags: { 'all-namespaces': false, 'no-headers': false, ...flags },
    }),
});
