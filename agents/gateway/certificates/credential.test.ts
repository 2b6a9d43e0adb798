import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls';
import { toCredential } from './credential.ts';
import { serverExtensions } from './x509/extensions.ts';
import { newKey, signCertificate, toPem } from './x509/sign.ts';

const DAY_MS = 86_400_000;

function pairFor(names: string[]) {
  const privateKey = newKey();
  const publicKey = createPublicKey(privateKey);
  const init = { subject: 'test', publicKey, issuer: { name: 'test', privateKey } };
  const chain = signCertificate({
    ...init,
    notBefore: 0,
    notAfter: DAY_MS,
    extensions: serverExtensions(publicKey, names),
  });
  return { chain, key: toPem(privateKey) };
}

describe('a pair of certificate and key', () => {
  it('tells its names and its life', () => {
    const credential = toCredential(pairFor(['A.example.com', '*.b.example.com']));
    expect(credential).toMatchObject({
      names: ['a.example.com', '*.b.example.com'],
      notBefore: 0,
      notAfter: DAY_MS,
    });
  });

  const good = pairFor(['a.example.com']);
  it.each([
    [
      'another key',
      { ...good, key: pairFor(['a.example.com']).key },
      'the key is not that of the certificate',
    ],
    ['no key', { ...good, key: '' }, 'the key is damaged, encrypted or not PEM'],
    ['a key cut short', { ...good, key: good.key.slice(0, 100) }, 'the key is damaged, encrypted or not PEM'],
    ['no certificate', { ...good, chain: 'nothing' }, 'the certificate is damaged or not PEM'],
    ['no names', pairFor([]), 'the certificate names no host'],
  ])('is refused with %s', (_, pair, why) => {
    expect(() => toCredential(pair)).toThrow(new Error(why));
  });
});

describe('a handshake', () => {
  const CHACHA = 'TLS_CHACHA20_POLY1305_SHA256';

  it.each<[what: string, client: ConnectionOptions, protocol: string, cipher: string]>([
    ['as usual', {}, 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
    ['without AES in hardware', { ciphers: `${CHACHA}:TLS_AES_128_GCM_SHA256` }, 'TLSv1.3', CHACHA],
    ['of an older client', { maxVersion: 'TLSv1.2' }, 'TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ])('%s is as good as can be', async (_, client, protocol, cipher) => {
    const socket = await shake(client);
    expect([socket.getProtocol(), socket.getCipher().name]).toEqual([protocol, cipher]);
    socket.destroy();
  });

  it.each<[what: string, client: ConnectionOptions]>([
    ['an outdated version', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['a cipher without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
    ['a cipher of blocks', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
  ])('with %s is refused', async (_, client) => {
    await expect(shake(client)).rejects.toThrow();
  });

  /** As the ingress does it: the context is chosen before TLS begins. */
  async function shake(client: ConnectionOptions): Promise<TLSSocket> {
    const { context } = toCredential(pairFor(['a.example.com']));
    const [near, far] = duplexPair();
    new TLSSocket(far, { isServer: true, secureContext: context }).on('error', () => far.destroy()).resume();
    const socket = connect({ socket: near, rejectUnauthorized: false, ...client });
    await once(socket, 'secureConnect');
    return socket;
  }
});
