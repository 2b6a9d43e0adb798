import type { Framing } from '../http1/head/framing.ts';
import { type Rejection, rejection } from '../http1/rejection.ts';
import type { RequestHead } from '../http1/request-head.ts';
import {
  fieldsOf,
  type Header,
  type HeaderFields,
  linesOf,
  type RawHeaders,
  readBlock,
} from './header-block.ts';

const MALFORMED = rejection(400, 'a header block that is none');
const REFUSED_METHOD = rejection(405, 'CONNECT is not relayed');
const NO_PSEUDO = rejection(400, 'a request without :method, :path or :authority');
const BAD_SCHEME = rejection(400, 'a :scheme other than https');
const TWO_HOSTS = rejection(400, 'a Host that differs from :authority');
const BAD_LENGTH = rejection(400, 'a Content-Length without a body');

/** A request's head as HTTP/1.1 would have it. */
export interface RequestBlock {
  readonly kind: 'request';
  readonly method: string;
  /** How its body goes into HTTP/1.1. */
  readonly framing: Framing;
  readonly bytes: Buffer;
}

/**
 * Writes a header block as the head of HTTP/1.1, where every rule for heads applies to it once more. Only what could
 * be read differently there is refused here. `ends`: no body follows.
 */
export function requestHead(raw: RawHeaders, ends: boolean): RequestBlock | Rejection {
  const block = readBlock(raw);
  if (!block) return MALFORMED;
  const { pseudo, fields } = block;
  const method = pseudo.get(':method');
  if (method === 'CONNECT') return REFUSED_METHOD;
  const path = pseudo.get(':path');
  const host = hostOf(pseudo, fields);
  if (typeof host === 'object') return host;
  if (!method || !path || !host) return NO_PSEUDO;
  if (pseudo.get(':scheme') !== 'https') return BAD_SCHEME;
  const framing = framingOf(fields, ends);
  if (typeof framing === 'object') return framing;
  const chunks = framing === 'chunked' ? 'transfer-encoding: chunked\r\n' : '';
  const text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${linesOf(kept(fields))}${chunks}\r\n`;
  return { kind: 'request', method, framing, bytes: Buffer.from(text, 'latin1') };
}

function hostOf(
  pseudo: ReadonlyMap<string, string>,
  fields: readonly Header[],
): string | undefined | Rejection {
  const hosts = new Set(fields.filter(([name]) => name === 'host').map(([, value]) => value));
  const authority = pseudo.get(':authority');
  if (authority !== undefined) hosts.add(authority);
  return hosts.size > 1 ? TWO_HOSTS : hosts.values().next().value;
}

function framingOf(fields: readonly Header[], ends: boolean): Framing | Rejection {
  const length = fields.find(([name]) => name === 'content-length')?.[1];
  if (ends) return Number(length ?? 0) === 0 ? 'none' : BAD_LENGTH;
  // What is no number is refused with the head.
  return length === undefined ? 'chunked' : Number(length);
}

/** Each cookie may have come on its own, which HTTP/1.1 does not know: RFC 9113, section 8.2.3. */
function kept(fields: readonly Header[]): Header[] {
  const others = fields.filter(([name]) => name !== 'cookie' && name !== 'host');
  const cookies = fields.filter(([name]) => name === 'cookie').map(([, value]) => value);
  return cookies.length === 0 ? others : [...others, ['cookie', cookies.join('; ')]];
}

/** The header block of a request to a container. */
export function requestFields({ method, target, host, lines }: RequestHead): HeaderFields {
  return { ':method': method, ':scheme': 'http', ':authority': host, ':path': target, ...fieldsOf(lines) };
}
