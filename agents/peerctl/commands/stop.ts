import { CHANGE_ARGUMENTS, CHANGE_FLAGS, changeDeployments } from '../change.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  ...CHANGE_ARGUMENTS,
  description: 'The containers go, the spec stays with its replica count: "peerctl start" brings them back.',
  examples: ['peerctl stop web', 'peerctl stop --all -n staging'],
  flags: CHANGE_FLAGS,
  run: (context, parsed) =>
    changeDeployments(context, parsed, 'stopped', () => ({ spec: { state: 'Stopped' } })),
});
