import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeManifest } from './scheme.ts';
import { parseManifests } from './yaml.ts';

const SAMPLES = join(import.meta.dirname, '../manifests/samples');

/** What people and machines put where something else belongs. */
const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e99,
  Number.NaN,
  '',
  'A B',
  '\n',
  'x'.repeat(70_000),
  [],
  [null],
  Array.from({ length: 1_000 }, (_, index) => `p${index}`),
  {},
  { 'a b': 'c' },
];

/** Its messages are about types and patterns: no help to a person with a manifest. */
const SPOKEN_BY_ZOD = /^(Invalid|Too|Expected|Unrecognized) /;

/** Manifests that say as much as there is to say. */
function samples(): unknown[] {
  return ['shop.yaml', 'peer-bob.yaml'].flatMap((file) =>
    parseManifests(readFileSync(join(SAMPLES, file), 'utf8'), file).map(({ manifest }) => manifest),
  );
}

/** The value with another one in one place of it, for every place. */
function* replacements(value: unknown, by: unknown): Generator<unknown> {
  yield by;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    for (const replaced of replacements(inner, by))
      yield Array.isArray(value) ? value.with(Number(key), replaced) : { ...value, [key]: replaced };
}

describe('what is said of a mistake', () => {
  it.each(WRONG.map((wrong) => [JSON.stringify(wrong).slice(0, 40), wrong]))(
    'speaks of manifests, wherever there is %s',
    (_, wrong) => {
      const messages = samples()
        .flatMap((sample) => [...replacements(sample, wrong)])
        .map((manifest) => decodeManifest(manifest))
        .flatMap((decoded) => (decoded.ok ? [] : decoded.errors.map(({ message }) => message)));
      expect(messages).not.toEqual([]);
      for (const message of new Set(messages)) expect(message).not.toMatch(SPOKEN_BY_ZOD);
    },
  );

  it('is one thing of each field', () => {
    const [deployment] = samples() as { spec: object }[];
    const decoded = decodeManifest({ ...deployment, spec: { ...deployment?.spec, replicas: 1e99 } });
    expect(decoded).toEqual({
      ok: false,
      errors: [{ path: ['spec', 'replicas'], message: 'must be a whole number' }],
    });
  });
});
