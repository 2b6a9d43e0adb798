import fc from 'fast-check';
import { deployment } from '../test/support/objects.ts';
import { isObject } from './meta/merge-patch.ts';
import { requestClaims, responseClaims } from './protocol/claims.ts';
import { logFrame, logRequest } from './protocol/log-messages.ts';
import { requestBodies, responseBody } from './protocol/messages.ts';
import { type Decoded, decode, decodeManifest, formatPath, specSchema, statusSchema } from './scheme.ts';
import { parseManifests, toYaml } from './yaml.ts';

const HOSTILE = ['__proto__', 'constructor', 'prototype'];
const TIME = '2030-01-01T00:00:00Z';
const UID = '11111111-1111-4111-8111-111111111111';
const PEER = `12D3KooW${'A'.repeat(44)}`;

const { metadata, ...web } = deployment('web');
const labelled = { name: 'web', namespace: 'default', labels: { app: 'web' }, annotations: { note: 'x' } };
const spec = { ...web.spec, template: { metadata: { labels: {}, annotations: {} }, ...web.spec.template } };
const shown = {
  kind: 'Deployment',
  metadata: {
    ...labelled,
    uid: UID,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: metadata.creationTimestamp,
  },
  spec,
  status: { conditions: [] },
};
const common = { iss: PEER, aud: PEER, iat: 1, exp: 2, seq: 0, bodyHash: 'a'.repeat(64) };
const nonce = 'n'.repeat(22);

type Reader = (value: unknown) => Decoded<unknown>;
const bySchema =
  (schema: Parameters<typeof decode>[0]): Reader =>
  (value) =>
    decode(schema, value);

/** Everything that reads what others wrote, and an example of what it reads. */
const READERS: Record<string, [Reader, object]> = {
  'a manifest': [decodeManifest, { ...web, metadata: labelled, spec }],
  'a spec': [bySchema(specSchema('Deployment')), spec],
  'a status': [bySchema(statusSchema('Deployment')), { replicas: 1, containers: [], conditions: [] }],
  'the claims of a request': [
    bySchema(requestClaims),
    { ...common, nonce, verb: 'get', kind: 'Deployment', namespace: 'default', name: 'web' },
  ],
  'the claims of an answer': [bySchema(responseClaims), { ...common, re: nonce }],
  'the body of an apply': [
    bySchema(requestBodies.apply),
    { metadata: { labels: {}, annotations: {} }, spec, resourceVersion: '1' },
  ],
  'the body of a patch': [bySchema(requestBodies.patch), { patch: { replicas: 1, template: { spec: {} } } }],
  'the body of an answer': [bySchema(responseBody), { type: 'object', object: shown }],
  'a page of a list': [bySchema(responseBody), { type: 'list', items: [shown], resourceVersion: '1' }],
  'a request for logs': [bySchema(logRequest), { follow: true, resume: { 'web-0': '1' } }],
  'a frame of logs': [
    bySchema(logFrame),
    { type: 'lines', lines: [{ container: 'web-0', stream: 'stdout', timestamp: TIME, text: 'x' }] },
  ],
};

/** The example with one more member, in one of its mappings. */
function withKey(example: object): fc.Arbitrary<unknown> {
  const place = fc.nat();
  const value = fc.constantFrom<unknown>(
    'x',
    '1',
    '',
    { polluted: 'true' },
    { constructor: {} },
    [],
    null,
    1,
  );
  return fc.tuple(place, fc.constantFrom(...HOSTILE), value).map(([at, key, member]) => {
    const copy = JSON.parse(JSON.stringify(example));
    const mappings = [...mappingsIn(copy)];
    define(mappings[at % mappings.length] ?? {}, key, member);
    return copy;
  });
}

function* mappingsIn(value: unknown): Generator<object> {
  if (isObject(value)) yield value;
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* mappingsIn(inner);
}

/** As JSON.parse does: a member like any other. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Where something was given that was not kept; defaults may have come. */
function missing(given: unknown, kept: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) return Object.is(given, kept) ? undefined : 'here';
  for (const [key, inner] of Object.entries(given)) {
    const isKept = typeof kept === 'object' && kept !== null && Object.hasOwn(kept, key);
    const below = isKept ? missing(inner, kept[key as keyof typeof kept]) : 'here';
    if (below) return `${key}.${below}`;
  }
  return undefined;
}

function prototypeMembers(): unknown {
  return Reflect.ownKeys(Object.prototype).map((key) => [
    key,
    Object.getOwnPropertyDescriptor(Object.prototype, key)?.value,
  ]);
}

describe('keys that every JavaScript object has by birth', () => {
  it.each(Object.entries(READERS))('%s keeps what it was given, or refuses it', (_, [read, example]) => {
    expect(read(example)).toMatchObject({ ok: true });
    const before = prototypeMembers();
    fc.assert(
      fc.property(withKey(example), (value) => {
        const decoded = read(value);
        if (decoded.ok) expect(missing(value, decoded.value)).toBeUndefined();
        else expect(decoded.errors[0]?.message).toBeTruthy();
      }),
      { numRuns: 300 },
    );
    expect(prototypeMembers()).toEqual(before);
  });

  it.each(['labels', 'annotations'])('says where a __proto__ among %s stands', (map) => {
    const manifest = JSON.parse(JSON.stringify({ ...web, metadata: labelled, spec }));
    define(manifest.metadata[map], '__proto__', 'x');
    const decoded = decodeManifest(manifest);
    expect(
      decoded.ok ? [] : decoded.errors.map(({ path, message }) => `${formatPath(path)}: ${message}`),
    ).toEqual([`metadata.${map}.__proto__: cannot be a key`]);
  });

  it('are labels like any other, except __proto__', () => {
    for (const key of ['constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      const labels = { [key]: 'x' };
      const decoded = decodeManifest({ ...web, metadata: { ...labelled, labels }, spec });
      expect(decoded).toMatchObject({ ok: true, value: { metadata: { labels } } });
    }
  });

  it('are refused in a file, with its line', () => {
    const text = toYaml({ ...web, metadata: labelled, spec }).replace('app: web', '__proto__: web');
    expect(() => parseManifests(text, 'web.yaml')).toThrow(
      /^web\.yaml:\d+: metadata\.labels\.__proto__: cannot be a key$/,
    );
  });
});
