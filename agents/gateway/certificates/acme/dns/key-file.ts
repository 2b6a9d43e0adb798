import { readFileSync } from 'node:fs';
import { isTsigAlgorithm, type TsigKey } from './tsig.ts';

const MAX_CHARACTERS = 16 * 1024;

/**
 * Reads a key as BIND's tsig-keygen writes it, and as nsupdate -k and knot's keymgr know it:
 * `key "NAME" { algorithm hmac-sha256; secret "BASE64"; };`
 * @throws Error that names the file and what it lacks, never what it holds.
 */
export function readKeyFile(file: string): TsigKey {
  const text = readFileSync(file, 'utf8').slice(0, MAX_CHARACTERS);
  const name = /\bkey\s+"?([\w.-]+)"?\s*\{/.exec(text)?.[1]?.replace(/\.$/, '');
  const algorithm = /\balgorithm\s+"?([\w-]+)\.?"?\s*;/.exec(text)?.[1]?.toLowerCase();
  const secret = /\bsecret\s+"?([A-Za-z0-9+/=]+)"?\s*;/.exec(text)?.[1];
  if (name === undefined || algorithm === undefined || secret === undefined)
    throw new Error(`${file} holds no TSIG key: make one with tsig-keygen`);
  if (!isTsigAlgorithm(algorithm))
    throw new Error(`${file}: the algorithm is ${algorithm}; use hmac-sha256, hmac-sha384 or hmac-sha512`);
  return { name, algorithm, secret: Buffer.from(secret, 'base64') };
}
