import fc from 'fast-check';
import { canonicalHash, canonicalJson } from '../../api/meta/canonical.ts';
import {
  checkImagePattern,
  formatImageReference,
  imageMatches,
  parseImageReference,
} from '../../api/meta/image-reference.ts';
import { matches, parseSelector } from '../../api/meta/labels.ts';
import { deepEqual, diffPatch, mergePatch, threeWayMerge } from '../../api/meta/merge-patch.ts';
import { formatBytes, parseQuantity, toBytes, toNanoCPUs } from '../../api/meta/quantity.ts';
import { decode, decodeManifest, specSchema, statusSchema } from '../../api/scheme.ts';
import { InvalidManifestError, parseManifests, toYaml } from '../../api/yaml.ts';
import { deployment } from '../support/objects.ts';
import { damagedText, hostileJson, itBoundsMemory, itSurvives, survive } from './fuzz.ts';

const DEPLOYMENT = `# A comment
apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata: {name: web, labels: &labels {app: web}, annotations: {note: "x"}}
spec:
  placement: {peers: [alice]}
  replicas: 2
  template:
    metadata: {labels: *labels}
    spec:
      containers:
        - name: web
          image: nginx:alpine
          env: [{name: A, value: |
            text
            }]
          resources: {limits: {cpu: 500m, memory: 256Mi}}
---
{"apiVersion": "peercompute.dev/v1alpha1", "kind": "TrustedPeer", "metadata": {"name": "bob"}, "spec": {}}
`;
const FIELDS = [
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'status',
  'name',
  'template',
  'containers',
  'env',
  'placement',
];

describe('files', () => {
  const yaml = {
    decode: (text: string) => parseManifests(text, 'fuzz.yaml'),
    refuses: [InvalidManifestError],
  };
  itSurvives('YAML', damagedText(DEPLOYMENT), yaml);

  itSurvives('a manifest', hostileJson(...FIELDS), { decode: decodeManifest, refuses: [] });

  itSurvives(
    'a manifest with something hostile inside',
    fc.tuple(fc.constantFrom(...FIELDS), hostileJson(...FIELDS)).map(([field, value]) => {
      const { apiVersion, kind, metadata, spec } = deployment('web');
      return { apiVersion, kind, metadata: { name: metadata.name }, spec: { ...spec, [field]: value } };
    }),
    { decode: decodeManifest, refuses: [] },
  );

  it.each([
    '{',
    '[',
    '- ',
    '? ',
    'a: &a ',
    '*a ',
    '---\n',
    '"',
    "'",
    '!!x ',
    '|\n',
    '\0',
    '<<: ',
    '- &a [*a]\n',
    'a: 1\n',
    '-\n',
  ])('W2 does not hang on 100 KB of %j', (unit) => survive(yaml, unit.repeat(100_000 / unit.length)));

  it('W2 reads what it writes', () => {
    const value = hostileJson().filter((json) => typeof json === 'object' && json !== null);
    fc.assert(
      fc.property(value, (annotations) => {
        const text = JSON.stringify(annotations).slice(0, 10_000);
        const { apiVersion, kind, spec } = deployment('web');
        const manifest = {
          apiVersion,
          kind,
          metadata: { name: 'web', namespace: 'default', annotations: { text } },
          spec,
        };
        expect(parseManifests(toYaml(manifest), 'x')).toMatchObject([{ manifest }]);
      }),
    );
  });
});

describe('values within', () => {
  itSurvives(
    'an image reference',
    damagedText('ghcr.io/alice/web:1.2', 'localhost:5000/a/b@sha256:00', '[::1]:80/x'),
    {
      decode: (text) => formatImageReference(parseImageReference(text)),
      refuses: [RangeError],
    },
  );

  itSurvives(
    'an image pattern',
    fc.tuple(damagedText('ghcr.io/alice/*', 'a/b:1'), damagedText('ghcr.io/alice/web')),
    {
      decode: ([pattern, image]) => {
        checkImagePattern(pattern);
        imageMatches(pattern, parseImageReference(image));
      },
      refuses: [RangeError],
    },
  );

  itSurvives('a quantity', damagedText('500m', '1.5Gi', '1e3', '.5', '9007199254740993'), {
    decode: (text) => [parseQuantity(text), toNanoCPUs(text), toBytes(text)],
    refuses: [RangeError],
  });

  itSurvives('a label selector', damagedText('a=b,c!=d,e in (f,g),h notin (i),j,!k'), {
    decode: (text) => matches(parseSelector(text), { a: 'b', constructor: 'x' }),
    refuses: [RangeError],
  });

  itSurvives('a spec', hostileJson('replicas', 'template', 'strategy'), {
    decode: (value) => [decode(specSchema('Deployment'), value), decode(specSchema('TrustedPeer'), value)],
    refuses: [],
  });

  itSurvives('a status', hostileJson('conditions', 'containers', 'peers'), {
    decode: (value) => decode(statusSchema('Deployment'), value),
    refuses: [],
  });

  it('an image reference is stable once it was formatted', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.option(part), (path, tag) => {
        const full = formatImageReference(parseImageReference(path.join('/') + (tag ? `:${tag}` : '')));
        expect(formatImageReference(parseImageReference(full))).toBe(full);
      }),
    );
  });

  it('a number of bytes survives being written and read', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(toBytes(formatBytes(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('JSON', () => {
  const json = hostileJson('a', 'b').map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const withoutNull = json.filter((value) => !JSON.stringify(value).includes('null'));

  it('has one canonical form, which says the same and does not depend on the order of members', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(deepEqual(JSON.parse(text), value)).toBe(true);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalHash(reversed(value))).toBe(canonicalHash(value));
      }),
    );
  });

  it('patched by the difference becomes the other', () => {
    fc.assert(
      fc.property(withoutNull, withoutNull, (from, to) => {
        const patch = diffPatch(from, to);
        expect(deepEqual(patch === undefined ? from : mergePatch(from, patch), to)).toBe(true);
      }),
    );
  });

  it('patched by anything changes neither side and no prototype', () => {
    fc.assert(
      fc.property(json, json, json, (target, patch, live) => {
        const before = canonicalJson([target, patch, live]);
        mergePatch(target, patch);
        threeWayMerge(target, live, patch);
        expect(canonicalJson([target, patch, live])).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as Record<string, unknown>).a).toBeUndefined();
      }),
    );
  });
});

itBoundsMemory();

/** The same value with its members in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner)]));
}
