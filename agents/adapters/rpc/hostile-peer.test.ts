import { MAX_RESPONSE_BODY_BYTES, RESPONSE_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import { REQUEST_DOMAIN, RESPONSE_DOMAIN, STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { deployment } from '../../../test/support/objects.ts';
import type { Make } from '../../../test/support/rpc-answers.ts';
import * as answers from '../../../test/support/rpc-answers.ts';
import { type Forgery, flipBit, forge, signedAt } from '../../../test/support/rpc-forge.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { webKey } from '../../../test/support/store-objects.ts';
import { generateIdentity } from '../identity/identity.ts';
import { hashOf } from './envelope.ts';
import { publish } from './published.ts';
import { newNonce } from './request.ts';

const MINUTE = 60_000;
const stranger = generateIdentity();

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

const get = () => peers.remote.get(webKey('web'));
const list = () => peers.remote.list('Deployment');

const answerWith = (make: Make) => answers.answerWith(peers, make);
const answer = (re: string, seq: number, forgery?: Forgery) => answers.answer(peers, re, seq, forgery);

describe('an answer that is not believed', () => {
  const cases: [string, string, () => Forgery][] = [
    ['with a bit turned', 'SignatureInvalid', () => ({ tamper: (bytes) => flipBit(bytes, 900) })],
    ['signed as a request', 'SignatureInvalid', () => ({ domain: REQUEST_DOMAIN })],
    ["in someone else's name", 'WrongIssuer', () => ({ claims: { iss: stranger.peerID } })],
    ['with a claim that nobody knows', 'BadClaims', () => ({ claims: { admin: true } })],
    ['for someone else', 'WrongAudience', () => ({ claims: { aud: stranger.peerID } })],
    ['by a clock that is ahead', 'ClockSkew', () => signedAt(peers.clock.now(), 5 * MINUTE + 1)],
    ['that has expired', 'MessageExpired', () => signedAt(peers.clock.now(), -6 * MINUTE - 1)],
    ['that wants to live too long', 'LifetimeTooLong', () => signedAt(peers.clock.now(), 0, MINUTE + 1)],
    ['out of sequence', 'OutOfSequence', () => ({ claims: { seq: 3 } })],
    ['with another body than was signed', 'BodyChanged', () => ({ sentBody: Buffer.from('{ }') })],
    ['to what nobody asked', 'NotAsked', () => ({ claims: { re: newNonce() } })],
  ];

  it.each(cases)('%s: %s', async (_, cause, forgery) => {
    answerWith((re, seq) => answer(re, seq, forgery()));
    await expect(get()).rejects.toMatchObject({ reason: 'Unauthorized', details: { cause } });
  });

  it('signed by someone else: WrongSigner', async () => {
    const { developer, clock } = peers;
    const sender = { identity: stranger, audience: developer.identity.peerID, now: clock.now() };
    answerWith((re) => forge(sender, { domain: RESPONSE_DOMAIN, claims: { re } }));
    await expect(get()).rejects.toMatchObject({ details: { cause: 'WrongSigner' } });
  });

  it('ends the stream for all who wait on it', async () => {
    answerWith(async (re, position) =>
      position === 0 ? undefined : answer(re, 0, { sentBody: Buffer.from('{ }') }),
    );
    for (const result of await Promise.allSettled([get(), get()])) expect(result.status).toBe('rejected');
  });
});

describe('an answer that makes no sense', () => {
  const web = () => publish(deployment('web'));
  const shown = (object: object) => ({ body: { type: 'object', object: { ...web(), ...object } } });
  const listed = (page: object) => ({
    body: { type: 'list', items: [web()], resourceVersion: '1', ...page },
  });

  it.each<[string, () => Promise<unknown>, Forgery]>([
    ['that is not JSON', get, raw('{"type":')],
    ['of a type that nobody knows', get, { body: { type: 'surprise' } }],
    ['of another type than was asked for', get, { body: { type: 'bookmark', resourceVersion: '1' } }],
    ['of another kind', get, shown({ kind: 'Event' })],
    ['of another name', get, shown({ metadata: { ...web().metadata, name: 'other' } })],
    ['of another namespace', get, shown({ metadata: { ...web().metadata, namespace: 'other' } })],
    ['of no namespace', get, shown({ metadata: { ...web().metadata, namespace: undefined } })],
    ['with an owner', get, shown({ metadata: { ...web().metadata, owner: stranger.peerID } })],
    ['with a spec that is none', get, shown({ spec: { replicas: 'many' } })],
    ['with a status that is text', get, shown({ status: 'fine' })],
    ['with a status that is null', get, shown({ status: null })],
    ['of another kind in a list', list, listed({ items: [{ ...web(), kind: 'Event' }] })],
    ['whose pages are empty and never end', list, listed({ items: [], continue: 'x' })],
  ])('%s: IncompatibleVersion', async (_, ask, forgery) => {
    answerWith((re, seq) => answer(re, seq, forgery));
    await expect(ask()).rejects.toMatchObject({
      reason: 'BadRequest',
      message: expect.stringContaining(peers.provider.identity.peerID),
      details: { cause: 'IncompatibleVersion' },
    });
  });

  it('with a status that only another version knows names the field', async () => {
    answerWith((re, seq) => answer(re, seq, shown({ status: { replicas: 1, shiny: true } })));
    await expect(get()).rejects.toMatchObject({
      message: expect.stringMatching(/status\.shiny: unknown field/),
    });
  });
});

describe('a peer that does not answer', () => {
  const lost = { reason: 'ServiceUnavailable', details: { cause: 'PeerUnreachable' } };

  it('is given up in time, for all who wait', async () => {
    answerWith(async () => undefined);
    const asked = Promise.allSettled([get(), list()]);
    await peers.clock.advance(RESPONSE_TIMEOUT_MS);
    for (const result of await asked) expect(result).toMatchObject({ status: 'rejected', reason: lost });
    expect(peers.clock.pending).toBe(0);
  });

  it('but sends half a frame is given up earlier', async () => {
    answerWith(async () => Uint8Array.of(0, 0, 1, 0, 42));
    const asked = expect(get()).rejects.toMatchObject({ details: { cause: 'BadFrame' } });
    await peers.clock.advance(15_000);
    await asked;
  });

  it.each([
    ['closes the stream', (channel: Channel) => channel.close()],
    ['aborts the stream', async (channel: Channel) => channel.abort(new Error('no'))],
    ['refuses to serve', () => Promise.reject(new Error('no'))],
  ])('but %s is unreachable', async (_, behave) => {
    peers.provider.transport.handle(STORE_PROTOCOL, behave);
    await expect(get()).rejects.toMatchObject(lost);
  });

  it('but announces a frame larger than is allowed is dropped before it comes', async () => {
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, MAX_RESPONSE_BODY_BYTES * 2);
    answerWith(async () => header);
    await expect(get()).rejects.toMatchObject({ details: { cause: 'BadFrame' } });
  });

  it('and takes nothing either is given up', async () => {
    peers.provider.transport.handle(STORE_PROTOCOL, () => new Promise(() => undefined));
    const containers = [
      { name: 'web', image: 'a/b', args: Array.from({ length: 20 }, () => 'x'.repeat(30_000)) },
    ];
    const { apiVersion, kind, spec, metadata } = deployment('web', { template: { spec: { containers } } });
    const asked = expect(peers.remote.apply({ apiVersion, kind, spec, metadata })).rejects.toMatchObject(
      lost,
    );
    await peers.clock.advance(RESPONSE_TIMEOUT_MS);
    await asked;
  });
});

/** A body that is signed as it stands. */
function raw(text: string): Forgery {
  const sentBody = Buffer.from(text);
  return { sentBody, claims: { bodyHash: hashOf(sentBody) } };
}
