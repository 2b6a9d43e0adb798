import { type Rejection, rejection } from '../rejection.ts';
import { Field } from './fields.ts';
import type { HeadLines } from './lines.ts';

/**
 * Where a message's body ends: a number of bytes; after the last chunk; with the connection, of responses only;
 * or there is none.
 */
export type Framing = number | 'chunked' | 'until close' | 'none';

const BOTH = rejection(400, 'Content-Length and Transfer-Encoding in one message');
const SEVERAL_LENGTHS = rejection(400, 'more than one Content-Length');
const BAD_LENGTH = rejection(400, 'a Content-Length that is not a number');
const TOO_LONG = rejection(413, 'a Content-Length beyond all limits');
const SEVERAL_ENCODINGS = rejection(400, 'more than one Transfer-Encoding');
const BAD_ENCODING = rejection(501, 'a Transfer-Encoding other than chunked');
const BAD_NAME = rejection(400, 'an underscore in a name that decides where a message ends');

/** 15 digits stay exact in a number. */
const MAX_DIGITS = 15;

/** What Content-Length and Transfer-Encoding say: undefined when both are absent. Strict, as RFC 9112 section 6 allows. */
export function framingOf(lines: HeadLines): number | 'chunked' | Rejection | undefined {
  const lengths = lines.seen(Field.contentLength);
  const encodings = lines.seen(Field.transferEncoding);
  if (lengths + encodings === 0) return undefined;
  if (hasUnderscore(lines)) return BAD_NAME;
  if (lengths > 0 && encodings > 0) return BOTH;
  if (lengths > 1) return SEVERAL_LENGTHS;
  if (encodings > 1) return SEVERAL_ENCODINGS;
  return lengths === 1 ? lengthOf(lines) : encodingOf(lines);
}

function lengthOf(lines: HeadLines): number | Rejection {
  const value = lines.valueOf(Field.contentLength)!;
  if (!/^\d+$/.test(value)) return BAD_LENGTH;
  return value.length > MAX_DIGITS ? TOO_LONG : Number(value);
}

function encodingOf(lines: HeadLines): 'chunked' | Rejection {
  return lines.valueOf(Field.transferEncoding)!.toLowerCase() === 'chunked' ? 'chunked' : BAD_ENCODING;
}

function hasUnderscore(lines: HeadLines): boolean {
  for (let line = 0; line < lines.count; line++) {
    const field = lines.field(line);
    const frames = field === Field.contentLength || field === Field.transferEncoding;
    if (frames && lines.name(line).includes('_')) return true;
  }
  return false;
}
