import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What an attacker has to spend for each guess: 16 MiB of memory, and some 40 ms of one core. */
const LOG_N = 14;
const BLOCK_SIZE = 8;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** The PHC string of scrypt: `$scrypt$ln=14,r=8,p=1$<salt>$<hash>`, in base64 without padding. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, LOG_N);
  return `$scrypt$ln=${LOG_N},r=${BLOCK_SIZE},p=1$${encode(salt)}$${encode(hash)}`;
}

/** Takes as long for a wrong password as for the right one. @param hash As {@link hashPassword} answers it. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, , parameters = '', salt = '', expected = ''] = hash.split('$');
  const logN = Number(/^ln=(\d+),/.exec(parameters)?.[1]);
  const actual = await derive(password, Buffer.from(salt, 'base64'), logN);
  const bytes = Buffer.from(expected, 'base64');
  return bytes.length === actual.length && timingSafeEqual(bytes, actual);
}

function derive(password: string, salt: Buffer, logN: number): Promise<Buffer> {
  const cost = 2 ** logN;
  // Twice what it needs, which is what Node wants to hear.
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * cost * BLOCK_SIZE };
  return new Promise((resolve, reject) => {
    // As it is typed on one machine and on another: RFC 8265 asks for the same form.
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
