import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';

/** Both write the other down. */
export async function introduce(
  developer: CommandLine,
  agent: Agent,
  names: { developer: string; provider: string },
  grants: string[] = [],
): Promise<void> {
  const allowed = ['--name', names.developer, '--allow', 'deploy,logs', ...grants];
  await agent.cli.ok('peers', 'add', await developer.peerID(), ...allowed);
  const reached = ['--name', names.provider, '--addr', agent.address];
  await developer.ok('peers', 'add', await agent.cli.peerID(), ...reached);
}
