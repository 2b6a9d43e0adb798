import { METHODS } from 'node:http';
import { SP, skip, TARGET, TOKEN } from '../characters.ts';
import { MAX_TARGET_BYTES } from '../limits.ts';
import { type Rejection, rejection } from '../rejection.ts';
import type { HeadLines } from './lines.ts';
import { minorVersionAt, VERSION_BYTES } from './version.ts';

const BAD_LINE = rejection(400, 'a request line that is none');
const BAD_METHOD = rejection(501, 'a method that is not known');
const REFUSED_METHOD = rejection(405, 'CONNECT and TRACE are not relayed');
const BAD_TARGET = rejection(400, 'a target that does not begin with exactly one slash');
const LONG_TARGET = rejection(414, `a target of more than ${MAX_TARGET_BYTES} bytes`);
const BAD_VERSION = rejection(505, 'a version other than HTTP/1.1 and HTTP/1.0');

export interface RequestLine {
  kind: 'line';
  method: string;
  target: string;
  minor: 0 | 1;
}

const REFUSED = ['CONNECT', 'TRACE'];

/** Those that Node's own parser knows: what other servers make of others is anybody's guess, and `get` is not GET. */
const RELAYED: ReadonlySet<string> = new Set(METHODS.filter((method) => !REFUSED.includes(method)));

/** Exactly `method SP target SP HTTP/1.x`. RFC 9112 section 3, without its leniencies. */
export function parseRequestLine({ bytes, start, startLineEnd: end }: HeadLines): RequestLine | Rejection {
  const methodEnd = skip(bytes, start, end, TOKEN);
  const targetEnd = skip(bytes, methodEnd + 1, end, TARGET);
  if (methodEnd === start || bytes[methodEnd] !== SP || bytes[targetEnd] !== SP) return BAD_LINE;
  const version = targetEnd + 1;
  const minor = version + VERSION_BYTES === end ? minorVersionAt(bytes, version) : undefined;
  if (minor === undefined) return isVersion(bytes.toString('latin1', version, end)) ? BAD_VERSION : BAD_LINE;
  const method = bytes.toString('latin1', start, methodEnd);
  if (!RELAYED.has(method)) return REFUSED.includes(method) ? REFUSED_METHOD : BAD_METHOD;
  if (targetEnd - methodEnd - 1 > MAX_TARGET_BYTES) return LONG_TARGET;
  const target = bytes.toString('latin1', methodEnd + 1, targetEnd);
  if (!isRelayable(method, target)) return BAD_TARGET;
  return { kind: 'line', method, target, minor };
}

function isVersion(text: string): boolean {
  return /^HTTP\/\d\.\d$/.test(text);
}

/** `//evil/x`, `/\evil/x` and absolute targets name another host to whoever resolves them as URLs. */
function isRelayable(method: string, target: string): boolean {
  if (target === '*') return method === 'OPTIONS';
  return target[0] === '/' && target[1] !== '/' && target[1] !== '\\';
}
