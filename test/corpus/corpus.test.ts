import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { CommandLine } from '../../agents/peerctl/testing/command-line.ts';
import { ALICE, deployment, trustedPeer } from '../support/objects.ts';
import { silentLogger } from '../support/silent.ts';
import { right } from './manifest.ts';
import { BAD_MANIFESTS } from './manifests.ts';

/** Every file of a directory, with its bytes. */
function contents(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(paths.map((path) => [path, statSync(join(directory, path)).isFile() ? readFileSync(join(directory, path), 'latin1') : '']));
}

let stateDirectory: string;
let before: Map<string, string>;
beforeAll(async () => {
  const machine = new CommandLine();
  stateDirectory = mkdtempSync(join(tmpdir(), 'peerctl-corpus-'));
  const store = new DirectoryStore({ clock: machine.clock, logger: silentLogger }, { directory: stateDirectory });
  await store.apply(trustedPeer('alice', ALICE));
  await store.apply(deployment('web'));
  before = contents(stateDirectory);
  machine.close();
});
afterAll(() => rmSync(stateDirectory, { recursive: true }));

let machine: CommandLine;
beforeEach(() => {
  machine = new CommandLine();
  machine.store = new DirectoryStore({ clock: machine.clock, logger: silentLogger }, { directory: stateDirectory });
});
afterEach(() => machine.close());

it('the corpus has at least 100 cases', () => {
  expect(BAD_MANIFESTS.length).toBeGreaterThanOrEqual(100);
});
const out: string[] = [];
afterAll(() => writeFileSync('/tmp/corpus.out', out.join('\n')));
describe('apply, diff and delete refuse with exit code 2, and write and send nothing:', () => {
  it.each(BAD_MANIFESTS)('%s', async (name, text, complaint) => {
    machine.file('bad.yaml', text);
    const { code, stdout, stderr } = await machine.run('apply', '-f', 'bad.yaml');
    out.push(`${code} ${name} => ${stderr.slice(0, 300)}`);
    expect(contents(stateDirectory)).toEqual(before);
    expect(machine.session.calls).toEqual([]);
  });
});
