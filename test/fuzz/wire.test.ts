import fc from 'fast-check';
import { generateIdentity, openEnvelope } from '../../agents/adapters/identity/identity.ts';
import { openClaims } from '../../agents/adapters/rpc/envelope.ts';
import { encodeFrame, FrameReader } from '../../agents/adapters/rpc/frames.ts';
import { decodeJson, encodeJson } from '../../agents/adapters/rpc/json.ts';
import { decodeMessage, RESPONSES } from '../../agents/adapters/rpc/message.ts';
import { publish, receive } from '../../agents/adapters/rpc/published.ts';
import { understand } from '../../agents/adapters/rpc/remote-body.ts';
import { readBody } from '../../agents/adapters/rpc/request.ts';
import { SignedReader } from '../../agents/adapters/rpc/signed-reader.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { requestClaims } from '../../api/protocol/claims.ts';
import { FRAME_TIMEOUT_MS, MAX_BODY_BYTES } from '../../api/protocol/limits.ts';
import { logFrame } from '../../api/protocol/log-messages.ts';
import { remoteObject, requestBodies, responseBody } from '../../api/protocol/messages.ts';
import { REQUEST_DOMAIN } from '../../api/protocol/protocols.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { BOB, deployment } from '../support/objects.ts';
import { channelBetween } from '../support/rpc-channel.ts';
import { forge } from '../support/rpc-forge.ts';
import { type Peers, startPeers } from '../support/rpc-peers.ts';
import { outcomeOf } from '../support/rpc-stream.ts';
import { damaged, hostileJson, itBoundsMemory, itSurvives, survive } from './fuzz.ts';

const identity = generateIdentity();
const clock = new FakeClock();
const sender = { identity, audience: BOB, now: clock.now() };
const example = await forge(sender);
const { envelope } = decodeMessage(example.subarray(4));
const claims = (await openEnvelope(REQUEST_DOMAIN, envelope)).payload;
const shown = publish(deployment('web'));

describe('frames', () => {
  itSurvives('frames', damaged(encodeFrame(new Uint8Array(50)), Buffer.concat([example, example])), {
    decode: (bytes) =>
      drain(bytes, (channel) => new FrameReader({ channel, clock }, { maxBytes: 5_000 }).read()),
    refuses: [StatusError],
  });

  itSurvives('signed messages', damaged(example, Buffer.concat([example, example])), {
    decode: (bytes) => drain(bytes, (channel) => new SignedReader({ channel, clock }, RESPONSES).receive()),
    refuses: [StatusError],
  });

  itSurvives('messages', damaged(example.subarray(4)), { decode: decodeMessage, refuses: [StatusError] });

  itSurvives('envelopes', damaged(envelope), {
    decode: (bytes) => openEnvelope(REQUEST_DOMAIN, bytes),
    refuses: [StatusError],
  });

  itSurvives(
    'claims',
    damaged(claims).chain((payload) => fc.constant(payload)),
    {
      decode: async (payload) =>
        openClaims(
          REQUEST_DOMAIN,
          requestClaims,
          await identity.seal(REQUEST_DOMAIN, payload),
          identity.peerID,
        ),
      refuses: [StatusError],
    },
  );

  it('an envelope that was changed anywhere is refused', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(envelope), async (bytes) => {
        fc.pre(Buffer.compare(bytes, envelope) !== 0);
        await expect(openEnvelope(REQUEST_DOMAIN, bytes)).rejects.toThrow(StatusError);
      }),
    );
  });
});

describe('bodies', () => {
  const keys = [
    'type',
    'object',
    'items',
    'metadata',
    'spec',
    'status',
    'error',
    'patch',
    'selector',
    'lines',
    'resume',
  ];
  const bodies = fc.oneof(
    hostileJson(...keys).map(encodeJson),
    damaged(
      encodeJson({ type: 'list', items: [shown], resourceVersion: '1' }),
      encodeJson({ type: 'error', error: { reason: 'Invalid', message: 'x', details: {} } }),
      encodeJson({ metadata: {}, spec: shown.spec }),
      encodeJson({ selector: [{ key: 'a', operator: 'In', values: ['b'] }], resourceVersion: '1' }),
      encodeJson({
        type: 'lines',
        lines: [{ container: 'a', stream: 'stdout', timestamp: '2030-01-01T00:00:00Z', text: '' }],
      }),
    ),
  );

  itSurvives('JSON', bodies, {
    decode: (bytes) => decodeJson(bytes),
    refuses: [RangeError, SyntaxError, TypeError],
  });

  for (const [verb, schema] of Object.entries(requestBodies))
    itSurvives(`a body of ${verb}`, bodies, {
      decode: (bytes) => readBody<unknown>(schema, bytes, '0.1.0'),
      refuses: [StatusError],
    });

  itSurvives('an answer', bodies, {
    decode: (bytes) => understand(responseBody, bytes, BOB),
    refuses: [StatusError],
  });

  itSurvives('log lines', bodies, {
    decode: (bytes) => understand(logFrame, bytes, BOB),
    refuses: [StatusError],
  });

  itSurvives('an object', fc.tuple(fc.constantFrom('metadata', 'spec', 'status'), hostileJson(...keys)), {
    decode: ([part, value]) => {
      const object = remoteObject.safeParse({ ...shown, [part]: value });
      if (object.success) receive(object.data, BOB, { kind: 'Deployment', name: 'web' });
    },
    refuses: [StatusError],
  });

  it.each<[string, string]>([
    ['brackets', '['.repeat(MAX_BODY_BYTES)],
    ['empty objects', `[${'{},'.repeat(MAX_BODY_BYTES / 3 - 1)}0]`],
    ['members', `{${Array.from({ length: 90_000 }, (_, index) => `"k${index}":0`).join(',')}}`],
    [
      'labels',
      `{"metadata":{"labels":{${Array.from({ length: 90_000 }, (_, i) => `"-${i}":""`).join(',')}}},"spec":{}}`,
    ],
    ['one long name', `{"${'a'.repeat(MAX_BODY_BYTES - 10)}":0}`],
    ['escapes', `["${'\\u0000'.repeat(MAX_BODY_BYTES / 6 - 2)}"]`],
    ['a long number', '1'.repeat(MAX_BODY_BYTES)],
    ['spaces', ' '.repeat(MAX_BODY_BYTES)],
  ])('W2 does not hang on a megabyte of %s', async (_, text) => {
    const bytes = Buffer.from(text);
    for (const schema of Object.values(requestBodies))
      await survive(
        { decode: () => readBody<unknown>(schema, bytes, '0.1.0'), refuses: [StatusError] },
        bytes,
      );
    await survive({ decode: () => understand(responseBody, bytes, BOB), refuses: [StatusError] }, bytes);
  });
});

describe('a provider', () => {
  let peers: Peers;
  beforeAll(async () => {
    peers = await startPeers();
  });
  afterAll(() => peers.stop());

  const verbs = ['get', 'list', 'watch', 'apply', 'patch', 'delete', 'logs', 'constructor'];
  const requests = fc.record({
    claims: fc.record(
      {
        verb: fc.constantFrom(...verbs),
        kind: fc.constantFrom('Deployment', 'Event', 'TrustedPeer', '__proto__', ''),
        namespace: fc.constantFrom('default', '..', undefined),
        name: fc.constantFrom('web', '__proto__', undefined),
        uid: fc.constant('11111111-2222-4333-8444-555555555555'),
        generation: fc.constantFrom(1, 2 ** 53, -1),
        result: fc.constant('0'.repeat(64)),
        base: fc.constant('0'.repeat(64)),
      },
      { requiredKeys: ['verb', 'kind', 'namespace', 'name'] },
    ),
    body: hostileJson('metadata', 'spec', 'patch', 'selector', 'resourceVersion', 'continue'),
  });

  itSurvives('signed requests of a peer gone mad', requests, {
    decode: async ({ claims: own, body }) => {
      const { developer, provider } = peers;
      const mad = {
        identity: developer.identity,
        audience: provider.identity.peerID,
        now: peers.clock.now(),
      };
      const bytes = await forge(mad, { claims: own, body });
      await outcomeOf(peers, bytes);
      expect(peers.logger.at('error')).toEqual([]);
      peers.logger.lines.length = 0;
    },
    refuses: [],
  });
});

itBoundsMemory();

/** Feeds bytes to a reader until it has no more of them. */
async function drain(
  bytes: Uint8Array,
  read: (channel: ReturnType<typeof channelBetween>[1]) => Promise<unknown>,
): Promise<void> {
  const [alice, bob] = channelBetween();
  await alice.write(bytes);
  await alice.close();
  const reading = read(bob);
  await Promise.all([reading, clock.advance(FRAME_TIMEOUT_MS)]);
}
