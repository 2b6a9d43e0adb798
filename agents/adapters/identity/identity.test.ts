import { generateKeyPair } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { RecordEnvelope } from '@libp2p/peer-record';
import fc from 'fast-check';
import { MAX_ENVELOPE_BYTES } from '../../../api/protocol/limits.ts';
import { generateIdentity, openEnvelope } from './identity.ts';

const DOMAIN = 'test-domain';
const CLAIMS = '/peercompute/claims';
const text = (value: string) => new TextEncoder().encode(value);
const refusal = { name: 'StatusError', reason: 'Unauthorized', details: { cause: 'SignatureInvalid' } };

const identity = generateIdentity();
const sealed = await identity.seal(DOMAIN, text('payload'));

/** As another implementation of RFC 0002 makes one. */
async function sealBy(key: PrivateKey, type = CLAIMS): Promise<Uint8Array> {
  const record = { domain: DOMAIN, codec: text(type), marshal: () => text('payload'), equals: () => false };
  return (await RecordEnvelope.seal(record, key)).marshal();
}

test('the peer ID is the one that libp2p derives from the key', async () => {
  for (let round = 0; round < 50; round++) {
    const { peerID, privateKey } = generateIdentity();
    expect(peerID).toBe(peerIdFromPrivateKey(await privateKey()).toString());
  }
});

test('an envelope opens to what was sealed, and names its signer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.string(), async (payload, domain) => {
      const opened = await openEnvelope(domain, await identity.seal(domain, payload));
      expect(opened).toEqual({ signer: identity.peerID, payload });
    }),
  );
});

test('an envelope is one of RFC 0002: libp2p itself opens ours, and we open its', async () => {
  const envelope = await RecordEnvelope.openAndCertify(sealed, DOMAIN);
  expect(envelope.payload.subarray()).toEqual(text('payload'));
  const key = await generateKeyPair('Ed25519');
  const { signer } = await openEnvelope(DOMAIN, await sealBy(key));
  expect(signer).toBe(peerIdFromPrivateKey(key).toString());
});

test.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
  ['is empty', () => new Uint8Array()],
  ['is cut short', () => sealed.slice(0, -1)],
  ['has something appended', () => Buffer.concat([sealed, Buffer.from([0x78, 0x01])])],
  ['was sealed for another domain', () => identity.seal('other-domain', text('payload'))],
  [
    'holds something else than claims',
    async () => sealBy(await identity.privateKey(), '/libp2p/peer-record'),
  ],
  ['is signed by a secp256k1 key', async () => sealBy(await generateKeyPair('secp256k1'))],
  ['is signed by an ECDSA key', async () => sealBy(await generateKeyPair('ECDSA'))],
  ['nests protobuf groups without end', () => new Uint8Array(MAX_ENVELOPE_BYTES).fill(0x0b)],
])('an envelope that %s is refused', async (_, make) => {
  await expect(openEnvelope(DOMAIN, await make())).rejects.toMatchObject(refusal);
});

test('no flipped bit goes unnoticed', async () => {
  const bit = fc.nat({ max: sealed.length * 8 - 1 });
  await fc.assert(
    fc.asyncProperty(bit, async (position) => {
      const forged = sealed.slice();
      forged[position >> 3] = (forged[position >> 3] ?? 0) ^ (1 << (position & 7));
      await expect(openEnvelope(DOMAIN, forged)).rejects.toMatchObject(refusal);
    }),
    { numRuns: 500 },
  );
});

test('random bytes are refused, and nothing worse', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: MAX_ENVELOPE_BYTES }), async (bytes) => {
      await expect(openEnvelope(DOMAIN, bytes)).rejects.toMatchObject(refusal);
    }),
    { numRuns: 500 },
  );
});
