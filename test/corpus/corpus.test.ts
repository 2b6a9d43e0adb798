import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { MAX_FILE_BYTES } from '../../api/yaml.ts';
import { ALICE, deployment, trustedPeer } from '../support/objects.ts';
import { CommandLine } from '../support/peerctl-command-line.ts';
import { silentLogger } from '../support/silent.ts';
import { CONTAINERS } from './containers.ts';
import { EXPOSURE } from './exposure.ts';
import { KINDS } from './kinds.ts';
import { right } from './manifest.ts';
import { NAMES } from './names.ts';
import { NUMBERS } from './numbers.ts';
import { YAML } from './yaml.ts';

const BAD_MANIFESTS = [...YAML, ...KINDS, ...NAMES, ...NUMBERS, ...CONTAINERS, ...EXPOSURE];

let stateDirectory: string;
let before: Map<string, string>;
let machine: CommandLine;

beforeAll(async () => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'peerctl-corpus-'));
  machine = new CommandLine();
  const store = openStore();
  await store.apply(trustedPeer('alice', ALICE));
  await store.apply(deployment('web'));
  before = contents(stateDirectory);
  machine.close();
});
afterAll(() => rmSync(stateDirectory, { recursive: true }));

beforeEach(() => {
  machine = new CommandLine();
  machine.store = openStore();
});
afterEach(() => {
  machine.close();
  expect(contents(stateDirectory)).toEqual(before);
  expect(machine.session.calls).toEqual([]);
});

function openStore(): DirectoryStore {
  return new DirectoryStore({ clock: machine.clock, logger: silentLogger }, { directory: stateDirectory });
}

/** Every file of a directory, with its bytes. */
function contents(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const bytes = (path: string) => (statSync(path).isFile() ? readFileSync(path, 'latin1') : '');
  return new Map(paths.map((path) => [path, bytes(join(directory, path))]));
}

/** Its messages are about types and patterns: no help to a person with a manifest. */
const SPOKEN_BY_ZOD = /: (Invalid|Too|Expected|Unrecognized) /;

/** Applies, expects a refusal, and answers what was said of it. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.run('apply', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stderr).not.toMatch(SPOKEN_BY_ZOD);
  return stderr;
}

/** After every test, the state directory is as it was, to the byte, and no peer was spoken to. */
describe('the corpus', () => {
  it('has at least 100 cases, all different', () => {
    expect(BAD_MANIFESTS.length).toBeGreaterThanOrEqual(100);
    expect(new Set(BAD_MANIFESTS.map(([, text]) => text)).size).toBe(BAD_MANIFESTS.length);
    expect(new Set(BAD_MANIFESTS.map(([name]) => name)).size).toBe(BAD_MANIFESTS.length);
  });

  it('begins with a manifest that is right', async () => {
    machine.file('good.yaml', right());
    expect(await machine.run('apply', '-f', 'good.yaml', '--dry-run')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('apply refuses, naming file, line and field:', () => {
  it.each(BAD_MANIFESTS)('%s', async (_, text, complaint) => {
    machine.file('bad.yaml', text);
    expect(await refusal('-f', 'bad.yaml')).toContain(`error: bad.yaml${complaint}`);
  });
});

describe('a mistake anywhere keeps all of it from being applied:', () => {
  it.each(BAD_MANIFESTS)('%s', async (_, text) => {
    mkdirSync(join(machine.cwd, 'all'));
    machine.file('all/a.yaml', right().replace('name: web', 'name: a'));
    machine.file(
      'all/b.json',
      JSON.stringify({ ...trustedPeer('carol', ALICE), metadata: { name: 'carol' } }),
    );
    machine.file('all/z.yaml', text);
    await refusal('-f', 'all');
  });
});

describe('diff and delete -f refuse the same:', () => {
  it.each(BAD_MANIFESTS.filter((_, index) => index % 10 === 0))('%s', async (_, text) => {
    machine.file('bad.yaml', text);
    expect(await machine.run('diff', '-f', 'bad.yaml')).toMatchObject({ code: 2, stdout: '' });
    expect(await machine.run('delete', '-f', 'bad.yaml')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('apply refuses what is no text of manifests:', () => {
  it('a file that is not there', async () => {
    expect(await refusal('-f', 'nope.yaml')).toBe('error: nope.yaml: no such file or directory\n');
  });

  it('a path through a file', async () => {
    machine.file('web.yaml', right());
    expect(await refusal('-f', 'web.yaml/x')).toBe('error: web.yaml/x: no such file or directory\n');
  });

  it('an empty file', async () => {
    machine.file('empty.yaml', '');
    expect(await refusal('-f', 'empty.yaml')).toBe('error: empty.yaml: no manifests in it\n');
  });

  it('a file of comments and empty documents', async () => {
    machine.file('comments.yaml', '# soon\n---\n---\n# later\n');
    expect(await refusal('-f', 'comments.yaml')).toBe('error: comments.yaml: no manifests in it\n');
  });

  it('an empty stdin', async () => {
    expect(await refusal('-f', '-')).toBe('error: -: no manifests in it\n');
  });

  it('a directory without manifests, even where they are deeper', async () => {
    mkdirSync(join(machine.cwd, 'manifests/deeper'), { recursive: true });
    machine.file('manifests/README.md', '# web');
    machine.file('manifests/deeper/web.yaml', right());
    expect(await refusal('-f', 'manifests')).toBe(
      'error: manifests: no *.yaml, *.yml or *.json in this directory; -R looks into those below it\n',
    );
  });

  it('bytes that are no text', async () => {
    machine.file('web.yaml', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
    expect(await refusal('-f', 'web.yaml')).toBe('error: web.yaml: not a text file in UTF-8\n');
  });

  it('text in UTF-16', async () => {
    machine.file('web.yaml', Buffer.from(`\ufeff${right()}`, 'utf16le'));
    expect(await refusal('-f', 'web.yaml')).toBe('error: web.yaml: not a text file in UTF-8\n');
  });

  it('random bytes', async () => {
    machine.file(
      'web.yaml',
      Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251),
    );
    expect(await refusal('-f', 'web.yaml')).toContain('error: web.yaml:');
  });

  it('a file beyond all bounds, without reading it whole', async () => {
    machine.file('huge.yaml', Buffer.alloc(MAX_FILE_BYTES + 1, '# \n'));
    expect(await refusal('-f', 'huge.yaml')).toBe(
      'error: huge.yaml: larger than 16 MiB, which no manifests are\n',
    );
  });

  it('a stdin without end', async () => {
    machine.stdin = '# \n'.repeat(MAX_FILE_BYTES / 2);
    expect(await refusal('-f', '-')).toBe('error: stdin: larger than 16 MiB, which no manifests are\n');
  });

  it('a device', async () => {
    expect(await refusal('-f', '/dev/zero')).toBe(
      'error: /dev/zero: larger than 16 MiB, which no manifests are\n',
    );
  });

  it('a URL where nobody answers', async () => {
    expect(await refusal('-f', 'http://127.0.0.1:1/web.yaml')).toContain(
      'error: http://127.0.0.1:1/web.yaml: cannot be read',
    );
  });

  it('no file at all', async () => {
    expect(await refusal()).toContain('error: say which manifests: -f FILE');
  });

  it('a file that may not be read', async () => {
    machine.file('secret.yaml', right());
    chmodSync(join(machine.cwd, 'secret.yaml'), 0);
    // Root may read everything.
    if (process.getuid?.() !== 0)
      expect(await refusal('-f', 'secret.yaml')).toBe('error: secret.yaml: permission denied\n');
  });
});
