import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, loadIdentity } from './keystore.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keystore-'));
  file = join(directory, 'state', 'identity.pem');
});

afterEach(() => rm(directory, { recursive: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('keeps an identity that can be loaded again', async () => {
  const { peerID } = await createIdentity(file);
  expect((await loadIdentity(file)).peerID).toBe(peerID);
});

test('lets nobody else read it, and leaves nothing else behind', async () => {
  await createIdentity(file);
  expect([await modeOf(file), await modeOf(join(file, '..'))]).toEqual([0o600, 0o700]);
  expect(await readdir(join(file, '..'))).toEqual(['identity.pem']);
});

test('does not replace an identity unless it is told to', async () => {
  const first = await createIdentity(file);
  await expect(createIdentity(file)).rejects.toMatchObject({ reason: 'AlreadyExists' });
  expect((await loadIdentity(file)).peerID).toBe(first.peerID);
  const second = await createIdentity(file, { force: true });
  expect((await loadIdentity(file)).peerID).toBe(second.peerID);
  expect(second.peerID).not.toBe(first.peerID);
  expect(await readdir(join(file, '..'))).toEqual(['identity.pem']);
});

test('makes one identity when two programs start at once', async () => {
  const attempts = await Promise.allSettled([createIdentity(file), createIdentity(file)]);
  expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('encrypts with a passphrase, and opens with that one only', async () => {
  const { peerID } = await createIdentity(file, { passphrase: 'correct horse' });
  expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  expect((await loadIdentity(file, { passphrase: 'correct horse' })).peerID).toBe(peerID);
  for (const passphrase of ['wrong', '', undefined])
    await expect(loadIdentity(file, { passphrase })).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('does not take an empty passphrase for encryption', async () => {
  await expect(createIdentity(file, { passphrase: '' })).rejects.toMatchObject({ reason: 'Invalid' });
});

test('opens an unencrypted identity whatever passphrase is offered', async () => {
  const { peerID } = await createIdentity(file);
  expect((await loadIdentity(file, { passphrase: 'not needed' })).peerID).toBe(peerID);
});

test.each([0o640, 0o604, 0o620, 0o660, 0o644])(
  'refuses a file of mode %o and says how to mend it',
  async (mode) => {
    await createIdentity(file);
    await chmod(file, mode);
    await expect(loadIdentity(file)).rejects.toMatchObject({
      reason: 'Forbidden',
      message: expect.stringContaining(`chmod 600 ${file}`),
    });
  },
);

test('says that there is none, and how to make one', async () => {
  await expect(loadIdentity(file)).rejects.toMatchObject({
    reason: 'NotFound',
    message: expect.stringContaining('peerctl init'),
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const pem = ed25519.export({ type: 'pkcs8', format: 'pem' }).toString();
const [, secret = ''] = pem.split('\n');

test.each([
  ['is empty', ''],
  ['is something else', 'hello'],
  ['is too large', `${pem}${' '.repeat(20_000)}`],
  ['is cut short', pem.slice(0, 60)],
  ['has lost its middle', pem.replace(secret.slice(10, 40), '')],
  ['holds an RSA key', rsa.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['holds a key in another form', rsa.export({ type: 'pkcs1', format: 'pem' }).toString()],
  [
    'holds a public key',
    generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ],
])('refuses a file that %s, and shows none of it', async (_, contents) => {
  const foreign = join(directory, 'foreign.pem');
  await writeFile(foreign, contents, { mode: 0o600 });
  const error = await loadIdentity(foreign).catch((reason: Error) => reason);
  expect(error).toMatchObject({
    name: 'StatusError',
    reason: 'Invalid',
    message: expect.stringContaining(foreign),
  });
  expect(`${(error as Error).message}${(error as Error).cause}`).not.toContain(secret.slice(0, 20));
});

test('says what stands in the way of writing', async () => {
  await writeFile(join(directory, 'state'), 'a file, not a directory');
  await expect(createIdentity(file)).rejects.toMatchObject({
    name: 'StatusError',
    message: expect.stringContaining(file),
  });
});
