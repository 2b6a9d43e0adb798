import { parseConnection } from './head/connection-options.ts';
import { Field } from './head/fields.ts';
import { type Framing, framingOf } from './head/framing.ts';
import { HostMemory } from './head/host.ts';
import type { HeadLines } from './head/lines.ts';
import { parseRequestLine, type RequestLine } from './head/request-line.ts';
import { HeadScanner } from './head/scanner.ts';
import { type Rejection, rejection } from './rejection.ts';

const NO_HOST = rejection(400, 'no Host');
const SEVERAL_HOSTS = rejection(400, 'more than one Host');
const BAD_CONNECTION = rejection(400, 'a Connection that is not a list of headers for this hop');
const OLD_ENCODING = rejection(400, 'Transfer-Encoding in HTTP/1.0');
const UPGRADE_WITH_BODY = rejection(400, 'an Upgrade with a body');
const SEVERAL_UPGRADES = rejection(400, 'more than one Upgrade');
const BAD_EXPECTATION = rejection(417, 'an expectation other than 100-continue');

/** What a relay must know of a request. */
export interface RequestHead {
  readonly kind: 'head';
  readonly method: string;
  /** As sent: begins with exactly one slash, or is `*` of OPTIONS. */
  readonly target: string;
  /** Of HTTP/1.x. */
  readonly minor: 0 | 1;
  /** As sent, with its port. */
  readonly host: string;
  /** Without port, in small letters. */
  readonly hostname: string;
  readonly body: Framing;
  /** Asks to become a WebSocket. Other upgrades are not relayed: h2c would go around all that is checked here. */
  readonly upgrade: boolean;
  /** Waits for a 100 before it sends the body. */
  readonly expectContinue: boolean;
  /** Whether another request may follow. Clients of HTTP/1.0 get one answer. */
  readonly keepAlive: boolean;
  /** Headers that are for this hop only, besides those that always are. */
  readonly named: readonly string[];
  /** The head's lines, good until the next head of the connection is read. */
  readonly lines: HeadLines;
  /** How many of the bytes just read belong to the head. */
  readonly consumed: number;
}

/** Reads requests' heads, one after the other. */
export class RequestHeadReader {
  readonly #scanner: HeadScanner;
  readonly #hosts = new HostMemory();

  /** `isOwn`: the gateway itself writes them. */
  constructor({ isOwn = false }: { isOwn?: boolean } = {}) {
    this.#scanner = new HeadScanner({ begin: 'blank line', isOwn });
  }

  /** Whether a head has begun and not ended. */
  get partial(): boolean {
    return this.#scanner.partial;
  }

  /** Takes the next bytes; undefined when the head goes on, and they have all been taken. */
  read(bytes: Buffer): RequestHead | Rejection | undefined {
    const consumed = this.#scanner.scan(bytes);
    return typeof consumed === 'number' ? parse(this.#scanner.lines, consumed, this.#hosts) : consumed;
  }
}

function parse(lines: HeadLines, consumed: number, hosts: HostMemory): RequestHead | Rejection {
  const line = parseRequestLine(lines);
  if (line.kind === 'rejection') return line;
  const host = hostOf(lines);
  if (typeof host !== 'string') return host;
  const hostname = hosts.hostnameOf(host);
  if (typeof hostname !== 'string') return hostname;
  const body = bodyOf(lines, line);
  if (typeof body === 'object') return body;
  return withConnection(lines, { line, host, hostname, body, consumed });
}

interface Parsed {
  line: RequestLine;
  host: string;
  hostname: string;
  body: Framing;
  consumed: number;
}

function withConnection(lines: HeadLines, parsed: Parsed): RequestHead | Rejection {
  const { line, host, hostname, body, consumed } = parsed;
  const connection = parseConnection(lines.valueOf(Field.connection));
  if (!connection) return BAD_CONNECTION;
  const upgrade = upgradeOf(lines, body);
  if (typeof upgrade === 'object') return upgrade;
  const expectContinue = expectationOf(lines);
  if (typeof expectContinue === 'object') return expectContinue;
  return {
    kind: 'head',
    method: line.method,
    target: line.target,
    minor: line.minor,
    host,
    hostname,
    body,
    upgrade: upgrade && connection.upgrade && line.method === 'GET' && line.minor === 1,
    expectContinue: expectContinue && line.minor === 1 && body !== 'none' && body !== 0,
    keepAlive: line.minor === 1 && !connection.close,
    named: connection.named,
    lines,
    consumed,
  };
}

function hostOf(lines: HeadLines): string | Rejection {
  const hosts = lines.seen(Field.host);
  if (hosts === 1) return lines.valueOf(Field.host)!;
  return hosts === 0 ? NO_HOST : SEVERAL_HOSTS;
}

function bodyOf(lines: HeadLines, { minor }: RequestLine): Framing | Rejection {
  const framing = framingOf(lines);
  if (minor === 0 && lines.seen(Field.transferEncoding) > 0) return OLD_ENCODING;
  return framing ?? 'none';
}

function upgradeOf(lines: HeadLines, body: Framing): boolean | Rejection {
  const upgrades = lines.seen(Field.upgrade);
  if (upgrades === 0) return false;
  if (upgrades > 1) return SEVERAL_UPGRADES;
  if (body !== 'none' && body !== 0) return UPGRADE_WITH_BODY;
  return lines.valueOf(Field.upgrade)!.toLowerCase() === 'websocket';
}

function expectationOf(lines: HeadLines): boolean | Rejection {
  const expectation = lines.valueOf(Field.expect);
  if (expectation === undefined) return false;
  return expectation.toLowerCase() === '100-continue' ? true : BAD_EXPECTATION;
}
