import type { Store } from '../../controllers/ports/store.ts';
import { ALICE, deployment, trustedPeer } from '../../test/support/objects.ts';
import { CommandLine } from '../../test/support/peerctl-command-line.ts';
import type { CommandEntry } from './command.ts';
import { COMMANDS } from './commands/index.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

/** Every command with the words that name it. */
function all(entries: readonly CommandEntry[] = COMMANDS, path: string[] = []): [string[], CommandEntry][] {
  return entries.flatMap((entry) => {
    const here = [...path, entry.name];
    return entry.subcommands
      ? [[here, entry] as [string[], CommandEntry], ...all(entry.subcommands, here)]
      : [[here, entry]];
  });
}

const paths = all()
  .filter(([, { hidden }]) => !hidden)
  .map(([path]) => path);

describe('help', () => {
  it.each(paths)('%s %s has some, with an example where it does something', async (...path) => {
    const words = path.filter((word) => typeof word === 'string');
    const { code, stdout, stderr } = await machine.run(...words, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage:\n  peerctl ${words.join(' ')}`);
    if (!stdout.includes('Commands:'))
      expect(stdout).toMatch(/Examples:\n {2}.*peerctl|Examples:\n.*\n?.* peerctl/);
    expect((await machine.run('help', ...words)).stdout).toBe(stdout);
  });

  it('lists every command when nothing is asked', async () => {
    const { code, stdout } = await machine.run();
    expect(code).toBe(0);
    for (const { name, hidden } of COMMANDS) expect(stdout.includes(`\n  ${name} `)).toBe(!hidden);
    expect((await machine.run('--help')).stdout).toBe(stdout);
  });

  it.each(paths)('%s %s uses no letter for two flags', async (...path) => {
    const { stdout } = await machine.run(...path.filter((word) => typeof word === 'string'), '--help');
    const letters = [...stdout.matchAll(/^ {2}-(\w), /gm)].map(([, letter]) => letter);
    expect(new Set(letters).size).toBe(letters.length);
  });
});

describe('a command line that cannot be meant', () => {
  it.each([
    [
      ['gett', 'deploy'],
      'error: unknown command "gett"; did you mean get?\n"peerctl --help" shows the usage.\n',
    ],
    [
      ['peers', 'ad'],
      'error: unknown command "peers ad"; did you mean peers add?\n"peerctl --help" shows the usage.\n',
    ],
    [
      ['get', 'deploy', '--ouptut', 'x'],
      'error: unknown flag --ouptut; did you mean --output?\n"peerctl get --help" shows the usage.\n',
    ],
    [['--verbose'], 'error: unknown flag --verbose\n"peerctl --help" shows the usage.\n'],
    [['version', 'x'], 'error: unexpected argument "x"\n"peerctl version --help" shows the usage.\n'],
    [['__proto__'], 'error: unknown command "__proto__"\n"peerctl --help" shows the usage.\n'],
    [['get\x1b[2J'], 'error: unknown command "get\\e[2J"\n"peerctl --help" shows the usage.\n'],
  ])('%j is refused with exit code 2', async (args, stderr) => {
    expect(await machine.run(...args)).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('flags before the command', () => {
  it('are understood', async () => {
    await store.apply(deployment('web', {}, { namespace: 'prod' }));
    expect((await machine.run('-n', 'prod', '--state-dir', 'x', 'get', 'deploy', '-o', 'name')).stdout).toBe(
      'deployment/web\n',
    );
  });
});

describe('a fault of our own', () => {
  it('is told in one line, without a stack trace', async () => {
    store.list = () => Promise.reject(new TypeError('cannot read properties of undefined'));
    expect(await machine.run('get', 'deploy')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: cannot read properties of undefined\n',
    });
  });
});

describe('completion', () => {
  beforeEach(async () => {
    await store.apply(deployment('web'));
    await store.apply(deployment('db'));
    await store.apply(deployment('old', {}, { namespace: 'prod' }));
    await store.apply(trustedPeer('alice', ALICE));
  });

  const complete = async (...words: string[]) =>
    (await machine.run('__complete', '--', ...words)).stdout.split('\n').filter(Boolean);

  it.each([
    [['ge'], ['get']],
    [['__'], []],
    [
      ['peers', ''],
      ['add', 'list', 'ping', 'remove'],
    ],
    [
      ['get', 'd'],
      ['db', 'deployments'],
    ],
    [
      ['get', 'deploy', ''],
      ['db', 'web'],
    ],
    [['get', 'deploy', '-n', 'prod', ''], ['old']],
    [
      ['get', 'deployment/'],
      ['deployment/db', 'deployment/web'],
    ],
    [['get', 'peers', ''], ['alice']],
    [['scale', 'w'], ['web']],
    [['scale', 'web', '--repl'], ['--replicas']],
    [['peers', 'remove', ''], ['alice']],
    [['deploy', 'nginx', '--peer', ''], ['alice']],
    [
      ['get', '-n', ''],
      ['default', 'prod'],
    ],
    [
      ['get', 'deploy', '-o', 'j'],
      ['json', 'jsonpath='],
    ],
    [['apply', '--dry-run=c'], []],
    [['status', '-o', ''], ['json']],
    [['explain', 'tr'], ['trustedpeer']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['--st'], ['--state-dir']],
    [['nonsense', ''], []],
  ])('of %j is %j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  it('has nothing to offer, and no error, without a state directory', async () => {
    machine.store = undefined;
    expect(await machine.run('__complete', '--', 'scale', '')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    expect((await machine.run('completion', shell)).stdout).toContain('peerctl __complete --');
  });

  it('knows no other shells', async () => {
    expect(await machine.run('completion', 'constructor')).toMatchObject({ code: 2 });
  });
});
