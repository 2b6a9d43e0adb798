import { createHash } from 'node:crypto';

/** What a visitor shows to be let in. */
export type Credentials =
  | { scheme: 'basic'; username: string; password: string }
  /** `sha256:` and the hash of the token, in hex. */
  | { scheme: 'bearer'; tokenHash: string };

const AUTHORIZATION = /^(basic|bearer) +([\w.~+/-]+=*) *$/i;

/** Nobody types more, and each byte costs us. */
const MAX_LENGTH = 1024;

/** Reads the value of an Authorization header; undefined where it is none that we know. RFC 7617, RFC 6750. */
export function readCredentials(value: string): Credentials | undefined {
  const [, scheme, token = ''] = (value.length <= MAX_LENGTH && AUTHORIZATION.exec(value)) || [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer')
    return { scheme: 'bearer', tokenHash: `sha256:${createHash('sha256').update(token).digest('hex')}` };
  const text = Buffer.from(token, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0
    ? undefined
    : { scheme: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
