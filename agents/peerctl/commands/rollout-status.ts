import { keyOf } from '../../../api/meta/object.ts';
import { CHANGE_ARGUMENTS, targets } from '../change.ts';
import { defineCommand } from '../command.ts';
import { FOLLOW, NAMESPACE } from '../common-flags.ts';
import { ExitCode } from '../errors.ts';
import { follow } from '../follow/follow.ts';

export const command = defineCommand({
  ...CHANGE_ARGUMENTS,
  arity: { least: 1, most: Number.POSITIVE_INFINITY },
  description:
    'Ends with 0 when every replica runs the current template and is ready; see "peerctl apply --help" for other codes.',
  examples: ['peerctl rollout status web', 'peerctl rollout status deploy/web --timeout 10m'],
  flags: { ...NAMESPACE, timeout: FOLLOW.timeout },
  async run(context, { flags, words }) {
    const deployments = await targets(context, words, { ...flags, selector: undefined, all: false });
    const code = await follow(context, deployments.map(keyOf), { wait: true, timeout: flags.timeout });
    if (code === ExitCode.Done)
      for (const { metadata } of deployments)
        context.out.line(`deployment "${metadata.name}" successfully rolled out`);
    return code;
  },
});
