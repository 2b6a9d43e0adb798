import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StatusError } from '../../../api/meta/status-error.ts';
import { type Identity, identityOf } from './identity.ts';

/** A PKCS#8 PEM of an Ed25519 key has 119 bytes, encrypted about 400; what is larger is another file. */
const MAX_FILE_BYTES = 16 * 1024;

export interface CreateOptions {
  /** Encrypts the file. */
  passphrase?: string;
  /** Replaces an identity that exists: peers that trust the old one will not know the new one. */
  force?: boolean;
}

/**
 * Makes a new identity and keeps it in `file`: a PKCS#8 PEM that only its owner can read, in a directory
 * that only its owner can enter. `AlreadyExists` unless forced.
 */
export async function createIdentity(file: string, options: CreateOptions = {}): Promise<Identity> {
  if (options.passphrase === '')
    throw new StatusError('Invalid', 'the passphrase is empty: give one, or none');
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw unwritable(file, error);
  });
  await writeOnce(file, encode(privateKey, options.passphrase), options.force ?? false);
  return identityOf(privateKey);
}

/**
 * Reads what {@link createIdentity} wrote. Refuses a file that others can read, a wrong passphrase and
 * anything but an Ed25519 key, and says what to do.
 */
export async function loadIdentity(file: string, options: { passphrase?: string } = {}): Promise<Identity> {
  const pem = await readPrivate(file);
  const key = decode(file, pem, options.passphrase);
  if (key.asymmetricKeyType !== 'ed25519')
    throw invalid(`${file} holds a key of type ${key.asymmetricKeyType}, not ed25519: give another file`);
  return identityOf(key);
}

function encode(key: KeyObject, passphrase: string | undefined): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
}

function decode(file: string, pem: string, passphrase: string | undefined): KeyObject {
  const encrypted = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (!encrypted && !pem.includes('-----BEGIN PRIVATE KEY-----'))
    throw invalid(`${file} is not an identity: it holds no PKCS#8 private key in PEM form`);
  if (encrypted && passphrase === undefined)
    throw new StatusError('Unauthorized', `${file} is encrypted: give its passphrase`);
  try {
    return createPrivateKey({ key: pem, passphrase: encrypted ? passphrase : undefined });
  } catch {
    // OpenSSL's own words differ by version, and cannot tell a wrong passphrase from a damaged file.
    if (encrypted)
      throw new StatusError(
        'Unauthorized',
        `${file} cannot be decrypted: wrong passphrase, or it is damaged`,
      );
    throw invalid(`${file} is damaged: restore it from a backup, or make a new identity in its place`);
  }
}

async function readPrivate(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw unreadable(file, error);
    throw new StatusError('NotFound', `there is no identity in ${file}: create one with "peerctl init"`);
  });
  try {
    const { mode, size } = await handle.stat();
    if (mode & 0o077)
      throw new StatusError(
        'Forbidden',
        `others can read the private key in ${file}: run "chmod 600 ${file}"`,
      );
    if (size > MAX_FILE_BYTES) throw invalid(`${file} is not an identity: it has ${size} bytes`);
    return await handle.readFile('utf8');
  } catch (error) {
    throw error instanceof StatusError ? error : unreadable(file, error as Error);
  } finally {
    await handle.close();
  }
}

/** The file appears whole or not at all, and never in place of another one unless that is asked for. */
async function writeOnce(file: string, text: string, replace: boolean): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await withFile(temporary, 'wx', async (handle) => {
      await handle.writeFile(text);
      await handle.sync();
    });
    await (replace ? rename(temporary, file) : link(temporary, file));
    await withFile(dirname(file), 'r', (directory) => directory.sync());
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? exists(file)
      : unwritable(file, error as Error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function withFile(
  path: string,
  flags: string,
  use: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

function invalid(message: string): StatusError {
  return new StatusError('Invalid', message);
}

function exists(file: string): StatusError {
  const message = `${file} exists: peers that trust it would not know a new identity; use --force to replace it`;
  return new StatusError('AlreadyExists', message);
}

function unreadable(file: string, error: Error): StatusError {
  return new StatusError('InternalError', `the identity in ${file} cannot be read: ${error.message}`);
}

function unwritable(file: string, error: Error): StatusError {
  return new StatusError('InternalError', `the identity cannot be written to ${file}: ${error.message}`);
}
