import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../test/support/eventually.ts';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);

let home: string;
let dist: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'peercompute-build-'));
  dist = join(home, 'dist');
  env = { HOME: home, PATH: process.env.PATH };
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
  await run(process.execPath, ['hack/build.ts', dist], { cwd: ROOT });
}, 60_000);
afterAll(() => rmSync(home, { recursive: true }));

/** Runs one of the built programs. */
function program(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, `${name}.js`), ...args], {
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** What is loaded with each module of the command line, asked of the bundler in a process of its own: it does not run inside Jest. */
async function readPackages(): Promise<Record<string, string[]>> {
  const script = `
    const { readGraph } = await import('./hack/bundle/graph.ts');
    const graph = await readGraph(['agents/peerctl/main.ts']);
    const paths = [...graph.entries()].map((entry) => [entry, [...graph.loadedWith(entry)]]);
    console.log(JSON.stringify(Object.fromEntries(paths)));`;
  const options = { cwd: ROOT, maxBuffer: 2 ** 26 };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], options);
  const packages = (paths: string[]) => [
    ...new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])),
  ];
  const loaded: Record<string, string[]> = JSON.parse(stdout);
  return Object.fromEntries(Object.entries(loaded).map(([entry, paths]) => [entry, packages(paths)]));
}

describe('P5: a command loads what it uses and nothing else', () => {
  let packages: Record<string, string[]>;
  beforeAll(async () => {
    packages = await readPackages();
  }, 60_000);

  const command = (name: string) => packages[`agents/peerctl/commands/${name}.ts`];

  it('a table needs no package at all', () => {
    expect(packages['agents/peerctl/main.ts']).toEqual([]);
    expect(command('get')).toEqual([]);
  });

  it('most commands need none before they act', () => {
    const names = [
      'completion',
      'complete',
      'help',
      'version',
      'describe',
      'status',
      'events',
      'scale',
      'delete',
      'wait',
      'logs',
      'init',
    ];
    for (const name of names) expect([name, command(name)]).toEqual([name, []]);
  });

  it('those that read manifests need the schemas, and no network', () => {
    for (const name of ['apply', 'deploy', 'diff', 'explain', 'peers-add', 'sync'])
      expect([
        [name, ['zod']],
        [name, ['js-yaml', 'zod']],
      ]).toContainEqual([name, command(name)?.sort()]);
  });

  it('a session needs the network only when a peer is asked', () => {
    expect(packages['agents/peerctl/live/network.ts']).toContain('@chainsafe/libp2p-noise');
    expect(packages['agents/peerctl/live/session.ts']).toEqual([]);
  });
});

describe('the built programs', () => {
  it('run without a package beside them', () => {
    expect(program('peerctl', 'version', '--client')).toMatchObject({ code: 0, stderr: '' });
    expect(program('peerctl', 'explain', 'deployment')).toMatchObject({ code: 0, stderr: '' });
    for (const daemon of ['peercomputed', 'gateway'])
      expect(program(daemon, '--help')).toMatchObject({ code: 0, stderr: '' });
  });

  it('keep a state directory, and write it in the words of a manifest', () => {
    expect(program('peerctl', 'init', '--name', 'bob')).toMatchObject({ code: 0 });
    writeFileSync(
      join(home, 'bob.yaml'),
      program('peerctl', 'identity', '--manifest').stdout.replace(/name: .*/, 'name: bob'),
    );
    expect(program('peerctl', 'apply', '-f', join(home, 'bob.yaml'))).toMatchObject({
      code: 0,
      stdout: 'trustedpeer/bob created\n',
    });
    expect(program('peerctl', 'get', 'peers').stdout).toMatch(/^NAME {3}PEER-ID .*\nbob /);
    expect(program('peerctl', 'get', 'peers', '-o', 'yaml').stdout).toContain('kind: TrustedPeer\n');
  });

  it('have exit codes', () => {
    expect(program('peerctl', 'get', 'nope').code).toBe(1);
    expect(program('peerctl', 'gett')).toMatchObject({ code: 2, stdout: '' });
    expect(program('peercomputed', '--nonsense')).toMatchObject({ code: 2, stdout: '' });
  });

  it('can be called by a link, as npm makes one', () => {
    symlinkSync(join(dist, 'peerctl.js'), join(home, 'peerctl'));
    expect(spawnSync(process.execPath, [join(home, 'peerctl'), 'version', '--client'], { env }).status).toBe(
      0,
    );
  });

  it('cache compiled code where only the user can write', () => {
    const cache = join(home, '.cache/peercompute');
    expect(readdirSync(cache).length).toBeGreaterThan(0);
    expect(spawnSync('stat', ['-c', '%a', cache], { encoding: 'utf8' }).stdout).toBe('700\n');
  });

  it('take from the cache all that they load, whichever of them ran before', () => {
    const commands = [
      ['peerctl', 'get', 'peers'],
      ['peerctl', 'explain', 'deployment'],
      ['peercomputed', '--help'],
    ];
    const words = () =>
      commands.map(([name, ...args]) => {
        const options = { env: { ...env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }, encoding: 'utf8' } as const;
        const { stderr } = spawnSync(process.execPath, [join(dist, `${name}.js`), ...args], options);
        return new Set(stderr.match(/(?<=V8 code cache for .* was )[a-z ]+/g));
      });
    words();
    expect(words()).toEqual(commands.map(() => new Set(['accepted'])));
  });

  it('run where no cache can be written', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(dist, 'peerctl.js'), 'version', '--client'],
      {
        env: { ...env, XDG_CACHE_HOME: '/dev/null/x' },
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('end in good order on Ctrl-C', async () => {
    const child = spawn(process.execPath, [join(dist, 'peerctl.js'), 'get', 'peers', '-w'], { env });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    await eventually(() => expect(stdout).toContain('bob'), { timeoutMs: 20_000 });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
  }, 30_000);

  it('end quietly when nobody reads on', () => {
    const shell = `${process.execPath} ${join(dist, 'peerctl.js')} explain deployment --recursive | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', shell], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^KIND: {5}Deployment\n(0|141)\n$/);
  });

  it('tell an old Node what they lack', () => {
    const old = spawnSync('/usr/bin/node', ['--version'], { encoding: 'utf8' }).stdout ?? '';
    if (!/^v(1[2-9]|2[0-3])\./.test(old)) return;
    for (const name of ['peerctl', 'peercomputed']) {
      const { status, stdout, stderr } = spawnSync('/usr/bin/node', [join(dist, `${name}.js`)], {
        env,
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toBe(
        `error: ${name} needs Node.js 24 or newer, and this is ${old.trim().slice(1)}: see https://nodejs.org\n`,
      );
    }
  });

  it('begin in words that any Node from 12 on can read', () => {
    const text = readFileSync(join(dist, 'peerctl.js'), 'utf8');
    expect(text).not.toMatch(/\?\?|\?\.|\bawait\b|node:|#[a-z]+\b(?!\/)|\|\|=|&&=/);
  });
});
