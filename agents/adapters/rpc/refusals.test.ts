import { MAX_ENVELOPE_BYTES } from '../../../api/protocol/limits.ts';
import { RESPONSE_DOMAIN } from '../../../api/protocol/protocols.ts';
import { type Forgery, flipBit, forge, signedAt } from '../../../test/support/rpc-forge.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { causeOf, developerOf, openStream, outcomeOf } from '../../../test/support/rpc-stream.ts';
import { generateIdentity } from '../identity/identity.ts';
import { hashOf } from './envelope.ts';
import { encodeFrame } from './frames.ts';
import { newNonce } from './request.ts';

const MINUTE = 60_000;
const UID = '11111111-2222-4333-8444-555555555555';
const stranger = generateIdentity();

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

const honest = () => developerOf(peers);

describe('a message that cannot be verified costs its sender the stream, without an answer', () => {
  const cases: [string, string, () => Promise<Uint8Array>][] = [
    [
      'signed for another kind of message',
      'SignatureInvalid',
      () => forge(honest(), { domain: RESPONSE_DOMAIN }),
    ],
    [
      'with one bit of its signature turned',
      'SignatureInvalid',
      () => forge(honest(), { tamper: (envelope) => flipBit(envelope, envelope.length * 8 - 5) }),
    ],
    [
      'whose envelope is noise',
      'SignatureInvalid',
      () => forge(honest(), { tamper: () => new Uint8Array(100) }),
    ],
    ['without an envelope', 'SignatureInvalid', () => forge(honest(), { tamper: () => new Uint8Array() })],
    ['signed by someone else', 'WrongSigner', () => forge({ ...honest(), identity: stranger })],
    ["in someone else's name", 'WrongIssuer', () => forge(honest(), { claims: { iss: stranger.peerID } })],
    ['whose claims are not JSON', 'BadClaims', () => forge(honest(), { payload: Buffer.from('{"iss":') })],
    [
      'whose claims are not UTF-8',
      'BadClaims',
      () => forge(honest(), { payload: Buffer.from([0x22, 0xff, 0x22]) }),
    ],
    ['with a claim that nobody knows', 'BadClaims', () => forge(honest(), { claims: { admin: true } })],
    ['without a nonce', 'BadClaims', () => forge(honest(), { claims: { nonce: undefined } })],
    ['with a verb that nobody knows', 'BadClaims', () => forge(honest(), { claims: { verb: 'exec' } })],
    ['with a time that is no number', 'BadClaims', () => forge(honest(), { claims: { iat: '0' } })],
    ['with a name that climbs', 'BadClaims', () => forge(honest(), { claims: { name: '../../etc' } })],
    [
      'with an apply that names no result',
      'BadClaims',
      () => forge(honest(), { claims: { verb: 'apply', uid: UID } }),
    ],
    [
      'with an envelope larger than any honest one',
      'BadFrame',
      () => forge(honest(), { tamper: () => new Uint8Array(MAX_ENVELOPE_BYTES + 1) }),
    ],
    [
      'whose envelope is longer than its frame',
      'BadFrame',
      async () => encodeFrame(Uint8Array.of(0, 0, 0, 9, 1)),
    ],
    ['that is empty', 'BadFrame', async () => encodeFrame()],
    ['announced as larger than is allowed', 'BadFrame', async () => Uint8Array.of(0x7f, 0xff, 0xff, 0xff)],
  ];

  it.each(cases)('%s: %s', async (_, cause, make) => {
    expect(await outcomeOf(peers, await make())).toBe('dropped');
    expect(peers.logger.at('warn')).toMatchObject([
      { message: 'a stream was dropped', fields: { peer: peers.developer.identity.peerID, reason: cause } },
    ]);
  });
});

describe('a message that is verified and refused is answered', () => {
  const cases: [string, string, () => Forgery][] = [
    ['for someone else', 'WrongAudience', () => ({ claims: { aud: stranger.peerID } })],
    ['from the future', 'ClockSkew', () => signedAt(peers.clock.now(), 5 * MINUTE + 1)],
    ['that wants to live too long', 'LifetimeTooLong', () => signedAt(peers.clock.now(), 0, MINUTE + 1)],
    ['that has expired', 'MessageExpired', () => signedAt(peers.clock.now(), -6 * MINUTE - 1)],
    ['out of sequence', 'OutOfSequence', () => ({ claims: { seq: 1 } })],
    ['with another body than was signed', 'BodyChanged', () => ({ sentBody: Buffer.from('{ }') })],
  ];

  it.each(cases)('%s: %s', async (_, cause, forgery) => {
    expect(await outcomeOf(peers, await forge(honest(), forgery()))).toMatchObject({
      type: 'error',
      error: { reason: 'Unauthorized', details: { cause } },
    });
  });

  it('again: Replayed', async () => {
    const bytes = await forge(honest());
    expect(await outcomeOf(peers, bytes)).toEqual({ type: 'object' });
    expect(causeOf(await outcomeOf(peers, bytes))).toBe('Replayed');
  });

  it('for the first thing that is wrong with it', async () => {
    const nonce = newNonce();
    await outcomeOf(peers, await forge(honest(), { claims: { nonce } }));
    const wrong: [string, Forgery][] = [
      ['WrongAudience', { claims: { aud: stranger.peerID } }],
      ['MessageExpired', signedAt(peers.clock.now(), -6 * MINUTE - 1)],
      ['OutOfSequence', { claims: { seq: 7 } }],
      ['Replayed', { claims: { nonce } }],
      ['BodyChanged', { sentBody: Buffer.from('{ }') }],
    ];
    while (wrong.length > 0) {
      const all = Object.assign({}, ...wrong.map(([, forgery]) => forgery));
      all.claims = Object.assign({}, ...wrong.map(([, { claims }]) => claims));
      expect(causeOf(await outcomeOf(peers, await forge(honest(), all)))).toBe(wrong.shift()?.[0]);
    }
  });

  it('and the next one on the stream is judged by itself', async () => {
    const stream = await openStream(peers);
    await stream.send(await forge(honest(), { claims: { aud: stranger.peerID } }));
    expect(causeOf(await stream.answer())).toBe('WrongAudience');
    await stream.send(await forge(honest(), { claims: { seq: 1 } }));
    expect(await stream.answer()).toEqual({ type: 'object' });
  });

  it.each([
    ['five minutes ahead', () => signedAt(peers.clock.now(), 5 * MINUTE)],
    ['on its last millisecond', () => signedAt(peers.clock.now(), -6 * MINUTE)],
  ])('but accepted when its clock is off by no more than is allowed: %s', async (_, forgery) => {
    expect(await outcomeOf(peers, await forge(honest(), forgery()))).toEqual({ type: 'object' });
  });

  it.each([
    ['not JSON', Buffer.from('{"continue":')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['nested without end', Buffer.from('['.repeat(100_000))],
  ])('with BadRequest when its body is %s', async (_, body) => {
    const bytes = await forge(honest(), { claims: { bodyHash: hashOf(body) }, sentBody: body });
    expect(await outcomeOf(peers, bytes)).toMatchObject({ type: 'error', error: { reason: 'BadRequest' } });
  });

  it('with BadRequest and our version when its body has a member that we do not know', async () => {
    expect(await outcomeOf(peers, await forge(honest(), { body: { shiny: true } }))).toMatchObject({
      error: {
        reason: 'BadRequest',
        message: expect.stringMatching(/shiny: unknown field.*version 0\.1\.0/),
      },
    });
  });

  it.each([
    ['Secret', 'get'],
    ['constructor', 'get'],
    ['TrustedPeer', 'watch'],
    ['TrustedPeer', 'delete'],
    ['Event', 'delete'],
    ['Deployment', 'logs'],
  ])('with BadRequest for a %s that peers cannot %s', async (kind, verb) => {
    const name = verb === 'watch' ? undefined : 'web';
    expect(await outcomeOf(peers, await forge(honest(), { claims: { kind, verb, name } }))).toMatchObject({
      error: { reason: 'BadRequest', message: expect.stringContaining(verb) },
    });
  });
});
