import type { Body, Content } from './body.ts';
import { CR, EXTENSION, HEX, LF, SEMICOLON, skip } from './characters.ts';
import type { HeadLines } from './head/lines.ts';
import { HeadScanner } from './head/scanner.ts';

/** Digits of a chunk's size. Chunks of more than 4 GiB are meant to overflow somebody. */
const MAX_SIZE_DIGITS = 8;

/** Bytes of a chunk's extension. Nobody uses them; servers were known to read them without end. */
const MAX_EXTENSION_BYTES = 128;

export const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const CRLF = Buffer.from('\r\n');

/** Bytes as a chunk. Nothing for nothing: an empty chunk would be the last one. */
export function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]);
}

type State = 'size' | 'extension' | 'data' | 'trailers' | 'line feed' | 'data end' | 'done';

/**
 * A chunked body (RFC 9112 section 7.1), without its leniencies: sizes are digits alone, lines end in CRLF, and
 * trailers are lines of a head that say nothing about how to read, route or trust the message.
 */
export class ChunkedBody implements Body {
  readonly #content: Content | undefined;
  #state: State = 'size';
  /** What comes behind the line feed. */
  #next: State = 'data';
  /** Digits of the size, or bytes of the extension, so far. */
  #length = 0;
  /** The size so far, or what is left of the data. */
  #size = 0;
  #trailers: HeadScanner | undefined;

  constructor(content?: Content) {
    this.#content = content;
  }

  get trailers(): HeadLines | undefined {
    return this.#trailers?.lines;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  take(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length && at >= 0 && this.#state !== 'done') at = this.#step(bytes, at);
    return at;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'size':
        return this.#sizeDigits(bytes, at);
      case 'extension':
        return this.#extension(bytes, at);
      case 'data':
        return this.#data(bytes, at);
      case 'data end':
        return this.#endLine(bytes, at, 'size');
      case 'line feed':
        return this.#lineFeed(bytes, at);
      default:
        return this.#trailerLines(bytes, at);
    }
  }

  #sizeDigits(bytes: Buffer, at: number): number {
    const end = skip(bytes, at, Math.min(bytes.length, at + MAX_SIZE_DIGITS + 1), HEX);
    for (let digit = at; digit < end; digit++) this.#size = 16 * this.#size + hexValue(bytes[digit]!);
    this.#length += end - at;
    if (this.#length > MAX_SIZE_DIGITS) return -1;
    if (end === bytes.length) return end;
    if (this.#length === 0) return -1;
    this.#length = 0;
    if (bytes[end] !== SEMICOLON) return this.#endSize(bytes, end);
    this.#state = 'extension';
    return end;
  }

  #extension(bytes: Buffer, at: number): number {
    const end = skip(bytes, at, bytes.length, EXTENSION);
    this.#length += end - at;
    if (this.#length > MAX_EXTENSION_BYTES) return -1;
    if (end === bytes.length) return end;
    this.#length = 0;
    return this.#endSize(bytes, end);
  }

  #endSize(bytes: Buffer, at: number): number {
    return this.#endLine(bytes, at, this.#size === 0 ? 'trailers' : 'data');
  }

  #data(bytes: Buffer, at: number): number {
    const taken = Math.min(bytes.length - at, this.#size);
    this.#size -= taken;
    this.#content?.(bytes.subarray(at, at + taken));
    if (this.#size === 0) this.#state = 'data end';
    return at + taken;
  }

  #endLine(bytes: Buffer, at: number, next: State): number {
    if (bytes[at] !== CR) return -1;
    this.#state = 'line feed';
    this.#next = next;
    return at + 1;
  }

  #lineFeed(bytes: Buffer, at: number): number {
    if (bytes[at] !== LF) return -1;
    this.#state = this.#next;
    return at + 1;
  }

  /** Nearly always there are none, only the empty line. */
  #trailerLines(bytes: Buffer, at: number): number {
    if (!this.#trailers && bytes[at] === CR) return this.#endLine(bytes, at, 'done');
    this.#trailers ??= new HeadScanner({ begin: 'line' });
    const taken = this.#trailers.scan(bytes.subarray(at));
    if (taken === undefined) return bytes.length;
    // RFC 9110 section 6.5.1: some servers put trailers among the headers.
    if (typeof taken !== 'number' || !this.#trailers.lines.unknownOnly) return -1;
    this.#state = 'done';
    return at + taken;
  }
}

function hexValue(byte: number): number {
  // Digits, capital and small letters: 0x30, 0x41 and 0x61 on.
  return byte < 0x40 ? byte - 0x30 : (byte & 0x0f) + 9;
}
