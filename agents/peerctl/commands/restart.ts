import { API_GROUP } from '../../../api/kinds.ts';
import type { MergePatch } from '../../../api/meta/merge-patch.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { CHANGE_ARGUMENTS, CHANGE_FLAGS, changeDeployments } from '../change.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../errors.ts';

/** Part of the template: another time is another template, so every container is replaced. */
const RESTARTED_AT = `${API_GROUP}/restartedAt`;

export const command = defineCommand({
  ...CHANGE_ARGUMENTS,
  description:
    "New containers take the old ones' places by the Deployment's strategy, so a rolling update stays available.",
  examples: ['peerctl restart web', 'peerctl restart deploy web db --wait=false'],
  flags: CHANGE_FLAGS,
  run(context, parsed) {
    const now = new Date(context.clock.now()).toISOString();
    return changeDeployments(context, parsed, 'restarted', (deployment) => restart(deployment, now));
  },
});

function restart({ metadata, spec }: Deployment, now: string): MergePatch {
  if (spec.state === 'Stopped')
    throw new CommandError(
      `deployment "${metadata.name}" is stopped: "peerctl start ${metadata.name}" starts it`,
    );
  return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: now } } } } };
}
