import { SP } from './characters.ts';
import { parseConnection } from './head/connection-options.ts';
import { Field } from './head/fields.ts';
import { type Framing, framingOf } from './head/framing.ts';
import type { HeadLines } from './head/lines.ts';
import { HeadScanner } from './head/scanner.ts';
import { minorVersionAt, numberAt, VERSION_BYTES } from './head/version.ts';
import { type Rejection, rejection } from './rejection.ts';

/** Where the status begins. */
const STATUS = VERSION_BYTES + 1;
const STATUS_DIGITS = 3;

const BAD_LINE = rejection(502, 'a status line that is none');
const BAD_STATUS = rejection(502, 'a status that is none');
const BAD_CONNECTION = rejection(502, 'a Connection that is not a list of headers for this hop');
const INTERIM_WITH_BODY = rejection(502, 'an interim response with a body');
const OLD_ENCODING = rejection(502, 'Transfer-Encoding in, or as an answer to, HTTP/1.0');
const UNASKED_UPGRADE = rejection(502, 'an upgrade that was not asked for');

/** What of the request decides how its response is read. */
export interface Asked {
  method: string;
  /** Of HTTP/1.x. */
  minor: 0 | 1;
  upgrade: boolean;
}

/** What a relay must know of a response. */
export interface ResponseHead {
  readonly kind: 'head';
  /** 1xx but 101: the final response is still to come. */
  readonly status: number;
  readonly body: Framing;
  /** What Content-Length and Transfer-Encoding say, also where there is no body: of HEAD and 304. */
  readonly declared: Framing;
  /** Whether the container will take another request on its connection. */
  readonly keepAlive: boolean;
  readonly named: readonly string[];
  /** Good until the next head is read. */
  readonly lines: HeadLines;
  readonly consumed: number;
}

/** Reads responses' heads. As strict as with requests: a container is as hostile as a client. Rejections are 502. */
export class ResponseHeadReader {
  readonly #scanner: HeadScanner;

  /** `isOwn`: the gateway itself writes them. */
  constructor({ isOwn = false }: { isOwn?: boolean } = {}) {
    this.#scanner = new HeadScanner({ begin: 'start line', isOwn });
  }

  /** Whether a head has begun and not ended. */
  get partial(): boolean {
    return this.#scanner.partial;
  }

  /** Takes the next bytes; undefined when the head goes on, and they have all been taken. */
  read(bytes: Buffer, asked: Asked): ResponseHead | Rejection | undefined {
    const consumed = this.#scanner.scan(bytes);
    const outcome = typeof consumed === 'number' ? parse(this.#scanner.lines, consumed, asked) : consumed;
    return outcome?.kind === 'rejection' ? { ...outcome, status: 502 } : outcome;
  }
}

function parse(lines: HeadLines, consumed: number, asked: Asked): ResponseHead | Rejection {
  const line = statusLineOf(lines);
  if (!line) return BAD_LINE;
  const { status, minor } = line;
  if (status < 100 || status > 599) return BAD_STATUS;
  const framing = framingOf(lines);
  if (typeof framing === 'object') return framing;
  const connection = parseConnection(lines.valueOf(Field.connection));
  if (!connection) return BAD_CONNECTION;
  if (framing === 'chunked' && (minor === 0 || asked.minor === 0)) return OLD_ENCODING;
  if (status === 101 && !(asked.upgrade && connection.upgrade && isWebSocket(lines))) return UNASKED_UPGRADE;
  if (status < 200 && (framing ?? 0) !== 0) return INTERIM_WITH_BODY;
  const body = hasNoBody(status, asked) ? 'none' : (framing ?? 'until close');
  const persistent = minor === 1 ? !connection.close : connection.keepAlive && !connection.close;
  return {
    kind: 'head',
    status,
    body,
    declared: status < 200 || status === 204 ? 'none' : (framing ?? 'none'),
    keepAlive: persistent && asked.minor === 1,
    named: connection.named,
    lines,
    consumed,
  };
}

/** Exactly `HTTP/1.x SP 3DIGIT`, and a reason after one more SP or none at all. RFC 9112 section 4. */
function statusLineOf({ bytes, startLineEnd: end }: HeadLines): { status: number; minor: 0 | 1 } | undefined {
  const minor = minorVersionAt(bytes, 0);
  const status = numberAt(bytes, STATUS, STATUS_DIGITS);
  const reason = STATUS + STATUS_DIGITS;
  const isLine = bytes[VERSION_BYTES] === SP && (end === reason || bytes[reason] === SP);
  return minor === undefined || Number.isNaN(status) || !isLine ? undefined : { status, minor };
}

function hasNoBody(status: number, { method }: Asked): boolean {
  return method === 'HEAD' || status < 200 || status === 204 || status === 304;
}

function isWebSocket(lines: HeadLines): boolean {
  return lines.valueOf(Field.upgrade)?.toLowerCase() === 'websocket';
}
