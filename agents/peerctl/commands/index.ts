import type { CommandEntry, Group } from '../command.ts';

/** Every command; its module is loaded when it is called, so that one command's weight is not another's. */
export const COMMANDS: readonly CommandEntry[] = [
  ...group('Start here', {
    init: ['create the identity and the state directory', () => import('./init.ts')],
    identity: ['show the peer ID of this state directory', () => import('./identity.ts')],
  }),
  ...group('Deploy', {
    apply: ['make manifests so, and follow them until they are ready', () => import('./apply.ts')],
    deploy: ['run an image on a peer, without writing a manifest', () => import('./deploy.ts')],
    diff: ['show what apply would change', () => import('./diff.ts')],
    sync: ['carry specs to the peers and statuses back, once or for ever', () => import('./sync.ts')],
    wait: ['wait for a condition', () => import('./wait.ts')],
  }),
  {
    name: 'rollout',
    summary: 'follow an update',
    group: 'Deploy',
    subcommands: group('Deploy', {
      status: ['follow an update until it is complete', () => import('./rollout-status.ts')],
    }),
  },
  ...group('Look', {
    get: ['list objects', () => import('./get.ts')],
    describe: ['show an object with its conditions and events', () => import('./describe.ts')],
    status: ['show whether it runs and, if not, the first link that is broken', () => import('./status.ts')],
    logs: ['show what the containers print', () => import('./logs.ts')],
    events: ['list what the loops did and why', () => import('./events.ts')],
    explain: ['show what a field means', () => import('./explain.ts')],
  }),
  ...group('Change', {
    scale: ['set the number of replicas', () => import('./scale.ts')],
    stop: ['stop containers and keep the replica count', () => import('./stop.ts')],
    start: ['start what was stopped', () => import('./start.ts')],
    restart: ['replace every container with a new one', () => import('./restart.ts')],
    edit: ['edit an object in your editor', () => import('./edit.ts')],
    delete: ['delete objects', () => import('./delete.ts')],
  }),
  {
    name: 'peers',
    summary: 'say whom to trust, and with what',
    group: 'Peers',
    subcommands: group('Peers', {
      add: ['trust a peer', () => import('./peers-add.ts')],
      remove: ['end the trust in a peer', () => import('./peers-remove.ts')],
      list: ['list the trusted peers', () => import('./peers-list.ts')],
      ping: ['measure the way to a peer', () => import('./peers-ping.ts')],
    }),
  },
  ...group('More', {
    'hash-password': ['hash a password for spec.expose.access', () => import('./hash-password.ts')],
    completion: ['print a completion script for your shell', () => import('./completion.ts')],
    version: ['print versions', () => import('./version.ts')],
    help: ['show help on a command', () => import('./help.ts')],
  }),
  {
    name: '__complete',
    summary: '',
    group: 'More',
    hidden: true,
    load: loader(() => import('./complete.ts')),
  },
];

type Import = () => Promise<{ command: Awaited<ReturnType<NonNullable<CommandEntry['load']>>> }>;

function group(name: Group, entries: Record<string, [summary: string, module: Import]>): CommandEntry[] {
  return Object.entries(entries).map(([command, [summary, module]]) => ({
    name: command,
    summary,
    group: name,
    load: loader(module),
  }));
}

function loader(module: Import): NonNullable<CommandEntry['load']> {
  return async () => (await module()).command;
}
