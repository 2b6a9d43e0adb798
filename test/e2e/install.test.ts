import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** What is not in the repository. */
const MADE = ['.git', 'node_modules', 'dist', 'coverage'];

const NEW_NODE = dirname(process.execPath);

/** Undefined where the machine has none. */
const OLD_NODE = ['/usr/bin', '/usr/local/bin'].find((directory) =>
  /^v(1[2-9]|2[0-3])\./.test(
    spawnSync(join(directory, 'node'), ['--version'], { encoding: 'utf8' }).stdout ?? '',
  ),
);

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'peercompute-install-'));
  await cp(ROOT, join(scratch, 'clone'), {
    recursive: true,
    filter: (path) => !MADE.includes(basename(path)),
  });
  await symlink(join(ROOT, 'node_modules'), join(scratch, 'clone/node_modules'));
  await mkdir(join(scratch, 'pack'));
  await npm('pack', '--pack-destination', join(scratch, 'pack'));
  const [tarball = ''] = await readdir(join(scratch, 'pack'));
  await npm('install', '--global', '--offline', '--prefix', scratch, join(scratch, 'pack', tarball));
}, 120_000);

afterAll(() => rm(scratch, { recursive: true }));

async function npm(...args: string[]): Promise<void> {
  const env = { ...surroundings(NEW_NODE), npm_config_cache: join(scratch, 'cache') };
  await promisify(execFile)('npm', args, { cwd: join(scratch, 'clone'), env });
}

/** Nothing of this machine's but what starts a program; the Node of `directory` first. */
function surroundings(directory: string): NodeJS.ProcessEnv {
  return { HOME: scratch, PATH: [directory, process.env.PATH].join(delimiter) };
}

/** Runs what npm has put where commands are. */
function installed(node: string, program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(scratch, 'bin', program), args, {
    env: surroundings(node),
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('what npm installs of the packed project, without a network', () => {
  it('runs', () => {
    expect(installed(NEW_NODE, 'peerctl', 'version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^peerctl \d+\.\d+\.\d+ /),
      stderr: '',
    });
    expect(installed(NEW_NODE, 'peerctl', 'init')).toMatchObject({ code: 0 });
    expect(installed(NEW_NODE, 'peerctl', 'get', 'deployments')).toMatchObject({ code: 0 });
    expect(installed(NEW_NODE, 'peercomputed', '--help')).toMatchObject({ code: 0, stderr: '' });
  });

  it('brings no package with it', async () => {
    expect(await readdir(join(scratch, 'lib/node_modules'))).toEqual(['peer-compute']);
    expect(await readdir(join(scratch, 'lib/node_modules/peer-compute'))).not.toContain('node_modules');
  });

  (OLD_NODE ? it : it.skip)('tells an older Node in one line what it needs', () => {
    for (const program of ['peerctl', 'peercomputed']) {
      const { code, stdout, stderr } = installed(OLD_NODE ?? '', program, '--help');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        new RegExp(`^error: ${program} needs Node.js 24 or newer, and this is \\S+: see \\S+\n$`),
      );
    }
  });
});
