import { CHANGE_ARGUMENTS, CHANGE_FLAGS, changeDeployments } from '../change.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';

export const command = defineCommand({
  ...CHANGE_ARGUMENTS,
  description:
    'The replicas are spread evenly over the peers. An apply whose manifest names replicas sets them again.',
  examples: ['peerctl scale web --replicas 3', 'peerctl scale deploy web db --replicas=0'],
  flags: {
    replicas: { type: 'integer', value: 'N', help: 'how many copies are to run, over all peers' },
    ...CHANGE_FLAGS,
  },
  async run(context, parsed) {
    const { replicas } = parsed.flags;
    if (replicas === undefined) throw new UsageError('say how many: --replicas N');
    return changeDeployments(context, parsed, 'scaled', () => ({ spec: { replicas } }));
  },
});
