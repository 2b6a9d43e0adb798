import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KINDS } from '../api/kinds.ts';
import { parseManifests } from '../api/yaml.ts';

const ROOT = join(import.meta.dirname, '..');
const SAMPLES = join(ROOT, 'manifests/samples');

describe('hack/verify', () => {
  it('finds that what is generated is what is committed', async () => {
    await promisify(execFile)(join(ROOT, 'hack/verify'));
  }, 30_000);
});

describe('the samples', () => {
  const files = readdirSync(SAMPLES);

  it.each(files)('%s is valid, and names the schema by which an editor checks it', (file) => {
    const text = readFileSync(join(SAMPLES, file), 'utf8');
    const [first] = parseManifests(text, file);
    expect(text).toMatch(
      new RegExp(
        `^# yaml-language-server: \\$schema=../schemas/${first?.manifest.kind.toLowerCase()}.json\n`,
      ),
    );
  });
});

describe('the schemas for editors', () => {
  it.each(KINDS.map(({ singular }) => singular))('%s describes every field where a person stands', (name) => {
    const { properties } = JSON.parse(readFileSync(join(ROOT, `manifests/schemas/${name}.json`), 'utf8'));
    const fields = Object.entries<{ description?: string }>(properties.spec.properties);
    expect(fields.filter(([, { description }]) => !description).map(([field]) => field)).toEqual([]);
  });
});
