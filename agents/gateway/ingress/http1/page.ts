import { STATUS_CODES } from 'node:http';
import type { Refusal } from './upstream.ts';

export interface PageInit {
  refusal: Refusal;
  requestID: string;
  /** The request's Accept; undefined when it has none or could not be read. */
  accept: string | undefined;
  /** Whether the body is left out: the answer to HEAD. */
  headOnly: boolean;
  close: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A whole response of the gateway's own: what happened, and an id by which its operator finds out why. */
export function page({ refusal, requestID, accept, headOnly, close, now }: PageInit): Buffer {
  const { status, reason, retryAfterSeconds, headers = {} } = refusal;
  const title = `${status} ${STATUS_CODES[status] ?? 'Unknown'}`;
  const html = accept?.toLowerCase().includes('text/html') ?? false;
  const body = html ? htmlBody(title, reason, requestID) : `${title}: ${reason}\nRequest ID: ${requestID}\n`;
  const lines = {
    Date: new Date(now).toUTCString(),
    'Content-Type': `text/${html ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Request-Id': requestID,
    ...headers,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
    ...(close ? { Connection: 'close' } : {}),
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${oneLine(value)}\r\n`);
  return Buffer.from(`HTTP/1.1 ${title}\r\n${head.join('')}\r\n${headOnly ? '' : body}`);
}

function htmlBody(title: string, reason: string, requestID: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 20vh auto; padding: 0 1rem } small { color: gray }</style>
<h1>${escaped(title)}</h1>
<p>${escaped(reason)}</p>
<p><small>Request ID: ${escaped(requestID)}</small></p>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A header's value never ends its line early. */
function oneLine(value: string | number): string {
  return String(value).replaceAll(/[^\t\x20-\x7e]/g, ' ');
}
