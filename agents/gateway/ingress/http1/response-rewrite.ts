import { Field } from './head/fields.ts';
import type { Framing } from './head/framing.ts';
import type { HeadLines } from './head/lines.ts';
import { type Drops, dropping, render } from './head/render.ts';
import { framingLine } from './request-rewrite.ts';
import type { ResponseHead } from './response-head.ts';
import { withoutSharedDomain } from './set-cookie.ts';

/** What is for the container's hop only, and what is said anew. */
const HOP = [
  Field.connection,
  Field.contentLength,
  Field.keepAlive,
  Field.proxy,
  Field.requestId,
  Field.te,
  Field.transferEncoding,
  Field.upgrade,
];

const DROP = dropping(...HOP);
const DROP_SECURITY = dropping(...HOP, Field.strictTransportSecurity);

/** Whoever rewrites cookies writes all of them, so that their order stays. */
const withCookies = (drop: Drops): Drops => drop.with(Field.setCookie, 1);

const COOKIES = withCookies(DROP);
const COOKIES_SECURITY = withCookies(DROP_SECURITY);

/** What every response of a gateway gets. */
export interface ResponsePolicy {
  /** Domains that tenants share, in small letters: no cookie may be set for them. */
  sharedDomains: readonly string[];
  /** Value of Strict-Transport-Security. Default: what the container says. */
  strictTransportSecurity?: string;
}

export interface ResponseRewrite {
  policy: ResponsePolicy;
  requestID: string;
  /** A cookie of the gateway's own, beside those of the container. */
  setCookie?: string | undefined;
  /** How the body goes on to the client. */
  framing: Framing;
  /** Whether the connection ends behind it. */
  close: boolean;
  /** Bytes of the body that leave together with the head. */
  tail?: Buffer;
}

/** The head as the client gets it, always of HTTP/1.1. */
export function rewriteResponse(head: ResponseHead, rewrite: ResponseRewrite): Buffer {
  const { policy, requestID, setCookie, framing, close, tail } = rewrite;
  const security = policy.strictTransportSecurity;
  const cookies = changedCookies(head.lines, policy.sharedDomains);
  const add =
    cookies +
    (setCookie === undefined ? '' : `Set-Cookie: ${setCookie}\r\n`) +
    (security === undefined ? '' : `Strict-Transport-Security: ${security}\r\n`) +
    `X-Request-Id: ${requestID}\r\n${framingLine(framing)}${hop(head, close)}`;
  const drop = cookies === '' ? (security ? DROP_SECURITY : DROP) : security ? COOKIES_SECURITY : COOKIES;
  const bytes = render(head.lines, { drop, named: head.named, add, tail });
  return asHttp11(bytes);
}

/** An interim response on its way to the client. */
export function rewriteInterim({ lines, named }: ResponseHead): Buffer {
  return asHttp11(render(lines, { drop: COOKIES, named, add: '' }));
}

function hop({ status }: ResponseHead, close: boolean): string {
  if (status === 101) return 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  return close ? 'Connection: close\r\n' : '';
}

/** All Set-Cookie lines when one of them had to change, else nothing. */
function changedCookies(lines: HeadLines, sharedDomains: readonly string[]): string {
  if (sharedDomains.length === 0 || lines.seen(Field.setCookie) === 0) return '';
  let changed = false;
  let all = '';
  for (let line = 0; line < lines.count; line++) {
    if (lines.field(line) !== Field.setCookie) continue;
    const cookie = lines.value(line);
    const safe = withoutSharedDomain(cookie, sharedDomains);
    changed ||= safe !== cookie;
    all += `Set-Cookie: ${safe}\r\n`;
  }
  return changed ? all : '';
}

function asHttp11(head: Buffer): Buffer {
  head[MINOR_VERSION] = ONE;
  return head;
}

const MINOR_VERSION = 'HTTP/1.'.length;
const ONE = '1'.charCodeAt(0);
