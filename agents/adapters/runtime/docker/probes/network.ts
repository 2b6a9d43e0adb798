import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { ProbeHandler, ProbeResult } from '../../../../../controllers/ports/runtime.ts';

export interface Target {
  host: string;
  port: number;
  /**
   * The connection goes through Docker's proxy, which accepts it before it knows whether anybody listens, and closes
   * it then.
   */
  proxied: boolean;
}

/** Docker's proxy finds within this time that nobody listens behind it. */
const PROXY_VERDICT_MS = 100;

/** Response heads are hostile too. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Succeeds when the port accepts a connection. */
export function probeTcp({ host, port, proxied }: Target, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (success: boolean, message: string) => {
      socket.destroy();
      resolve({ success, message });
    };
    signal.addEventListener('abort', () => settle(false, signal.reason), { once: true });
    socket.on('error', (error) => settle(false, describe(error)));
    socket.on('connect', () => {
      if (proxied) awaitVerdict(socket, settle);
      else settle(true, 'connection accepted');
    });
  });
}

/** Succeeds on a status from 200 to 399. Redirects are not followed; the body is not read. */
export function probeHttp(
  target: Target,
  { path, scheme, httpHeaders = [] }: NonNullable<ProbeHandler['httpGet']>,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const settle = (success: boolean, message: string) => {
      resolve({ success, message });
      request.destroy();
    };
    const request = (scheme === 'HTTPS' ? httpsRequest : httpRequest)({
      host: target.host,
      port: target.port,
      path,
      headers: headersOf(httpHeaders),
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The container's certificate is its own affair; the address is known to be the container's.
      rejectUnauthorized: false,
    });
    const answer = ({ statusCode = 0 }: IncomingMessage) =>
      settle(statusCode >= 200 && statusCode < 400, `HTTP ${statusCode}`);
    signal.addEventListener('abort', () => settle(false, signal.reason), { once: true });
    request.on('response', answer).on('upgrade', answer);
    request.on('error', (error) => settle(false, describe(error)));
    request.end();
  });
}

function awaitVerdict(socket: Socket, settle: (success: boolean, message: string) => void): void {
  socket.setTimeout(PROXY_VERDICT_MS, () => settle(true, 'connection accepted'));
  socket.on('close', () => settle(false, 'connection refused'));
  // Without a reader the end of the stream is never seen.
  socket.resume();
}

function headersOf(headers: readonly { name: string; value: string }[]): Record<string, string> {
  const given = headers.map(({ name, value }) => [name.toLowerCase(), latin1(value)]);
  return {
    'user-agent': 'peercompute-probe',
    accept: '*/*',
    connection: 'close',
    ...Object.fromEntries(given),
  };
}

/** Node writes header values as Latin-1 and refuses what that cannot hold: the bytes of UTF-8 pass. */
function latin1(value: string): string {
  return Buffer.from(value).toString('latin1');
}

function describe(error: Error & { code?: string }): string {
  const known: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection closed without an answer',
    EHOSTUNREACH: 'no route to the container',
    HPE_HEADER_OVERFLOW: 'the answer has too many headers',
  };
  return known[error.code ?? ''] ?? error.message;
}
