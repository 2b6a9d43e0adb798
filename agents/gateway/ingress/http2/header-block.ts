import { Field, recognize } from '../http1/head/fields.ts';
import type { HeadLines } from '../http1/head/lines.ts';

/** Names and values by turns, in their order. */
export type RawHeaders = readonly string[];

/** A header block whose every part stays what it is when it is written into a head of HTTP/1.1. */
export interface HeaderBlock {
  pseudo: ReadonlyMap<string, string>;
  fields: readonly Header[];
}

export type Header = readonly [name: string, value: string];

const NAME = /^[a-z\d!#$%&'*+.^_`|~-]+$/;

/** Without CR, LF and NUL, of which a value would make another line, and without blanks around it. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** RFC 9113, section 8.2.2: none of them has a meaning here, and some would end a message elsewhere. */
const FORBIDDEN = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Undefined for what no peer may send. Node checks most of this too: a proxy does not count on it. */
export function readBlock(raw: RawHeaders): HeaderBlock | undefined {
  const pseudo = new Map<string, string>();
  const fields: Header[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    if (!VALUE.test(value)) return undefined;
    if (name.startsWith(':')) {
      if (pseudo.has(name) || fields.length > 0) return undefined;
      pseudo.set(name, value);
    } else if (isField(name, value)) fields.push([name, value]);
    else return undefined;
  }
  return { pseudo, fields };
}

function isField(name: string, value: string): boolean {
  if (name === 'te') return value === 'trailers';
  return NAME.test(name) && !FORBIDDEN.has(name);
}

/** Whether it is none of the headers that mean something to a relay. */
export function saysNothing([name]: Header): boolean {
  return recognize(Buffer.from(name), 0, name.length) === Field.other;
}

/** Header lines of HTTP/1.1. */
export function linesOf(fields: readonly Header[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

const DROPPED: ReadonlySet<Field> = new Set([
  Field.connection,
  Field.host,
  Field.http2Settings,
  Field.keepAlive,
  Field.transferEncoding,
  Field.upgrade,
]);

export type HeaderFields = Record<string, string | string[]>;

/** The lines of a head of HTTP/1.1 as a header block, as Node takes it. */
export function fieldsOf(lines: HeadLines): HeaderFields {
  // Without a prototype, `__proto__` is a name as any other.
  const fields: HeaderFields = Object.create(null);
  for (let line = 0; line < lines.count; line++)
    if (!DROPPED.has(lines.field(line))) add(fields, lines.name(line).toLowerCase(), lines.value(line));
  return fields;
}

/** Several lines of a name are one list (RFC 9110, section 5.3), which Node insists on; of cookies they are not. */
function add(fields: HeaderFields, name: string, value: string): void {
  const before = fields[name];
  if (name === 'set-cookie') fields[name] = [...(before ?? []), value];
  else if (before === undefined) fields[name] = value;
  else fields[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
}
