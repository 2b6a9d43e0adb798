import type { Forwarding } from './forwarded.ts';
import { Field } from './head/fields.ts';
import type { Framing } from './head/framing.ts';
import { dropping, render } from './head/render.ts';
import type { RequestHead } from './request-head.ts';
import { newRequestID } from './request-id.ts';

/** What is for this hop only, what only we may say, and what is said anew in its plainest form. */
const DROP = dropping(
  Field.connection,
  Field.contentLength,
  Field.expect,
  Field.forwarded,
  Field.http2Settings,
  Field.keepAlive,
  Field.proxy,
  Field.realIp,
  Field.requestId,
  Field.te,
  Field.transferEncoding,
  Field.upgrade,
  Field.xForwarded,
  Field.xForwardedFor,
  Field.xForwardedHost,
  Field.xForwardedProto,
);

const REQUEST_ID = /^[\w.+/=-]{1,128}$/;

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const TRAILERS = 'Connection: TE\r\nTE: trailers\r\n';

/** The client's X-Request-Id if it is a plain one, else a new one. */
export function requestIDOf({ lines }: RequestHead): string {
  const claimed = lines.valueOf(Field.requestId);
  return claimed !== undefined && REQUEST_ID.test(claimed) ? claimed : newRequestID();
}

export interface RequestRewrite {
  forwarding: Forwarding;
  requestID: string;
  /** Bytes of the body that leave together with the head. */
  tail?: Buffer;
}

/** The head as the container gets it. */
export function rewriteRequest(head: RequestHead, { forwarding, requestID, tail }: RequestRewrite): Buffer {
  const add = `${forwarding.lines(head)}X-Request-Id: ${requestID}\r\n${expect(head)}${framingLine(head.body)}${hop(head)}`;
  return render(head.lines, { drop: DROP, named: head.named, add, tail });
}

export function framingLine(framing: Framing): string {
  if (framing === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  return typeof framing === 'number' ? `Content-Length: ${framing}\r\n` : '';
}

function expect({ expectContinue }: RequestHead): string {
  return expectContinue ? 'Expect: 100-continue\r\n' : '';
}

/** What we ask of our own hop to the container. */
function hop(head: RequestHead): string {
  if (head.upgrade) return UPGRADE;
  if (head.minor === 0) return 'Connection: close\r\n';
  return takesTrailers(head) ? TRAILERS : '';
}

function takesTrailers({ lines }: RequestHead): boolean {
  const codings = lines.valueOf(Field.te);
  return codings?.split(',').some((coding) => coding.trim().toLowerCase() === 'trailers') ?? false;
}
