import { createPublicKey } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../../test/support/fake-logger.ts';
import { serverExtensions } from '../x509/extensions.ts';
import { newKey, signCertificate, toPem } from '../x509/sign.ts';
import { FileCertificates } from './file-certificates.ts';

const DAY_MS = 86_400_000;
const LOOK_MS = 2_000;

let directory: string;
let clock: FakeClock;
let logger: FakeLogger;
const stop = new AbortController();

beforeEach(async () => {
  directory = await mkdtemp('/tmp/pc-files-');
  clock = new FakeClock();
  logger = new FakeLogger();
});

afterEach(() => rm(directory, { recursive: true }));
afterAll(() => stop.abort());

function pairFor(names: string[], days = 90) {
  const privateKey = newKey();
  const publicKey = createPublicKey(privateKey);
  const issuer = { name: 'test', privateKey };
  const [notBefore, notAfter] = [clock.now(), clock.now() + days * DAY_MS];
  const extensions = serverExtensions(publicKey, names);
  const cert = signCertificate({ subject: 'test', publicKey, issuer, notBefore, notAfter, extensions });
  return { cert, key: toPem(privateKey) };
}

/** Puts a pair into files, and answers where they are. */
async function write(name: string, { cert, key }: { cert: string; key: string }) {
  const paths = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
  await writeFile(paths.cert, cert);
  await writeFile(paths.key, key);
  return paths;
}

async function start(...pairs: { cert: string; key: string }[]): Promise<FileCertificates> {
  const certificates = new FileCertificates({ clock, logger }, { pairs });
  await certificates.start(stop.signal);
  return certificates;
}

describe('certificates from files', () => {
  it('are chosen by name: the exact one first, then the wildcard', async () => {
    const certificates = await start(
      await write('wildcard', pairFor(['*.example.com'])),
      await write('exact', pairFor(['shop.example.com'])),
    );
    const [shop, web] = ['shop.example.com', 'web.example.com'].map((host) => certificates.contextFor(host));
    expect(shop).toBeDefined();
    expect(web).toBeDefined();
    expect(shop).not.toBe(web);
    expect(certificates.state('web.example.com')).toEqual({ ready: true });
    expect(certificates.contextFor('example.com')).toBeUndefined();
    expect(certificates.state('example.com')).toEqual({
      ready: false,
      reason: 'CertificateFailed',
      message: 'no --tls-cert names example.com: add one that does',
    });
  });

  it('are read again when they have changed', async () => {
    const certificates = await start(await write('a', pairFor(['a.example.com'])));
    certificates.want(new Set(['a.example.com', 'b.example.com']));
    const changes: string[] = [];
    certificates.onChange((host) => changes.push(host));
    const before = certificates.contextFor('a.example.com');
    await clock.advance(10 * LOOK_MS);
    expect(certificates.contextFor('a.example.com')).toBe(before);
    await write('a', pairFor(['a.example.com', 'b.example.com']));
    await clock.advance(LOOK_MS);
    expect(certificates.contextFor('a.example.com')).not.toBe(before);
    expect(certificates.state('b.example.com')).toEqual({ ready: true });
    expect(changes).toEqual(['a.example.com', 'b.example.com']);
  });

  it('are followed through links that are swapped above them, as mounted secrets are', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(join(directory, version));
      const { cert, key } = pairFor([`${version}.example.com`]);
      await writeFile(join(directory, version, 'tls.crt'), cert);
      await writeFile(join(directory, version, 'tls.key'), key);
    }
    await symlink('v1', join(directory, 'data'));
    for (const file of ['tls.crt', 'tls.key']) await symlink(join('data', file), join(directory, file));
    const certificates = await start({ cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key') });
    expect(certificates.state('v1.example.com').ready).toBe(true);
    await symlink('v2', join(directory, 'new'));
    await rename(join(directory, 'new'), join(directory, 'data'));
    await clock.advance(LOOK_MS);
    expect(certificates.state('v2.example.com').ready).toBe(true);
    expect(certificates.state('v1.example.com').ready).toBe(false);
  });

  it('stay as they were while what is there cannot be served, and it is said once', async () => {
    const paths = await write('a', pairFor(['a.example.com']));
    const certificates = await start(paths);
    const before = certificates.contextFor('a.example.com');
    const renewed = pairFor(['a.example.com']);
    await writeFile(paths.cert, renewed.cert);
    await clock.advance(3 * LOOK_MS);
    expect(certificates.contextFor('a.example.com')).toBe(before);
    expect(logger.at('error')).toEqual([
      {
        level: 'error',
        message: 'Certificate cannot be served',
        fields: {
          ...paths,
          error: 'the key is not that of the certificate',
          served: 'the one before is still served',
        },
      },
    ]);
    await rm(paths.key);
    await clock.advance(LOOK_MS);
    expect(certificates.contextFor('a.example.com')).toBe(before);
    await writeFile(paths.key, renewed.key);
    await clock.advance(LOOK_MS);
    expect(certificates.contextFor('a.example.com')).not.toBe(before);
    expect(JSON.stringify(logger.lines)).not.toContain('PRIVATE');
  });

  it('are served when they have expired, and the state says so', async () => {
    const certificates = await start(await write('a', pairFor(['a.example.com'], 1)));
    await clock.advance(DAY_MS);
    expect(certificates.contextFor('a.example.com')).toBeDefined();
    expect(certificates.state('a.example.com')).toMatchObject({
      message: 'its certificate expired at 2030-01-02T00:00:00Z: renew it where it comes from',
    });
  });

  it('that cannot be served at all stop the start, and say why', async () => {
    const paths = await write('a', { cert: 'nothing', key: 'nothing' });
    await expect(start(paths)).rejects.toThrow(
      /--tls-cert .*a\.pem with --tls-key .* cannot be served: the certificate is damaged/,
    );
    await expect(start()).rejects.toThrow('--tls files needs at least one --tls-cert');
    const other = await write('b', pairFor(['b.example.com']));
    expect((await start(paths, other)).state('b.example.com')).toEqual({ ready: true });
  });
});
