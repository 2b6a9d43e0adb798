import { CHANGE_ARGUMENTS, CHANGE_FLAGS, changeDeployments } from '../change.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  ...CHANGE_ARGUMENTS,
  description: 'As many replicas start as there were before "peerctl stop".',
  examples: ['peerctl start web', 'peerctl start -l app=shop'],
  flags: CHANGE_FLAGS,
  run: (context, parsed) =>
    changeDeployments(context, parsed, 'started', () => ({ spec: { state: 'Running' } })),
});
