import { COLON, CR, HTAB, LF, SP, skip, TEXT, TOKEN, VALUE } from '../characters.ts';
import { MAX_HEAD_BYTES, MAX_HEADERS } from '../limits.ts';
import { type Rejection, rejection } from '../rejection.ts';
import { HeadLines } from './lines.ts';

const BARE_CR = rejection(400, 'a carriage return without a line feed');
const BAD_BYTE = rejection(400, 'a control character or a bare line feed');
const BAD_NAME = rejection(400, 'a header name that is none');
const FOLDED = rejection(400, 'a folded header line');
const TOO_LARGE = rejection(431, `a head of more than ${MAX_HEAD_BYTES} bytes`);
const TOO_LONG = rejection(414, `a start line of more than ${MAX_HEAD_BYTES} bytes`);
const TOO_MANY = rejection(431, `more than ${MAX_HEADERS} header lines`);

/** What is held of a head at first: most that come in parts fit. */
const FIRST_HOLD_BYTES = 2048;

/** What the next byte belongs to. */
type State = 'blank line' | 'start line' | 'line' | 'name' | 'value' | 'line feed' | 'end';

export interface HeadScannerInit {
  /**
   * Where a head begins. At a `blank line`: one may come before the start line (RFC 9112 section 2.2). At a `line`:
   * trailers have no start line.
   */
  begin: 'blank line' | 'start line' | 'line';
  /** The gateway itself wrote the head: what it has added to one within the limits may go beyond them. */
  isOwn?: boolean;
}

/**
 * Cuts bytes into the lines of a head, in one pass over them and however they are split. Every byte is checked: what
 * passes has no bare CR or LF, no control character, no folded line and no name that is not a token.
 */
export class HeadScanner {
  /** The head, once it is complete. */
  readonly lines = new HeadLines();
  readonly #begin: State;
  readonly #maxBytes: number;
  readonly #maxHeaders: number;
  #state: State;
  /** What comes behind the line feed. */
  #next: State = 'end';
  #at = 0;
  #lineStart = 0;
  #colon = 0;
  /** The beginning of a head whose end has not come yet. */
  #held: Buffer | undefined;
  #heldBytes = 0;

  constructor({ begin, isOwn = false }: HeadScannerInit) {
    this.#maxBytes = isOwn ? 2 * MAX_HEAD_BYTES : MAX_HEAD_BYTES;
    this.#maxHeaders = isOwn ? 2 * MAX_HEADERS : MAX_HEADERS;
    this.#begin = begin;
    this.#state = begin;
  }

  /** Whether a head has begun and not ended. */
  get partial(): boolean {
    return this.#heldBytes > 0;
  }

  /**
   * Takes the next bytes. Answers how many of them belong to the head when it ends among them, and undefined when
   * it goes on: then all of them do. After a rejection the scanner cannot be used.
   */
  scan(bytes: Buffer): number | Rejection | undefined {
    const before = this.#heldBytes;
    if (before === 0) this.#restart();
    const head = before === 0 ? bytes : this.#hold(bytes);
    const end = Math.min(before + bytes.length, this.#maxBytes);
    const wrong = this.#run(head, end);
    if (wrong) return wrong;
    if (this.#state === 'end') return this.#finish(head) - before;
    if (end === this.#maxBytes) return this.#state === 'start line' ? TOO_LONG : TOO_LARGE;
    if (before === 0) this.#hold(bytes);
    return undefined;
  }

  #restart(): void {
    this.lines.clear();
    this.#state = this.#begin;
    this.#at = 0;
  }

  #finish(head: Buffer): number {
    this.lines.bytes = head;
    this.lines.end = this.#at;
    this.#held = undefined;
    this.#heldBytes = 0;
    return this.#at;
  }

  #run(bytes: Buffer, end: number): Rejection | undefined {
    while (this.#at < end && this.#state !== 'end') {
      const wrong = this.#step(bytes, end);
      if (wrong) return wrong;
    }
    return undefined;
  }

  #step(bytes: Buffer, end: number): Rejection | undefined {
    switch (this.#state) {
      case 'blank line':
        return this.#blankLine(bytes);
      case 'start line':
        return this.#startLine(bytes, end);
      case 'line':
        return this.#line(bytes);
      case 'name':
        return this.#name(bytes, end);
      case 'value':
        return this.#value(bytes, end);
      default:
        return this.#lineFeed(bytes);
    }
  }

  #blankLine(bytes: Buffer): undefined {
    if (bytes[this.#at] === CR) {
      this.lines.start = 2;
      this.#endLine('start line');
    } else this.#state = 'start line';
  }

  #startLine(bytes: Buffer, end: number): Rejection | undefined {
    this.#at = skip(bytes, this.#at, end, TEXT);
    if (this.#at === end) return undefined;
    if (bytes[this.#at] !== CR) return BAD_BYTE;
    this.lines.startLineEnd = this.#at;
    this.#endLine('line');
    return undefined;
  }

  #line(bytes: Buffer): Rejection | undefined {
    const byte = bytes[this.#at];
    if (byte === SP || byte === HTAB) return FOLDED;
    this.#lineStart = this.#at;
    if (byte === CR) this.#endLine('end');
    else this.#state = 'name';
    return undefined;
  }

  #name(bytes: Buffer, end: number): Rejection | undefined {
    this.#at = skip(bytes, this.#at, end, TOKEN);
    if (this.#at === end) return undefined;
    if (bytes[this.#at] !== COLON || this.#at === this.#lineStart) return BAD_NAME;
    this.#colon = this.#at++;
    this.#state = 'value';
    return undefined;
  }

  #value(bytes: Buffer, end: number): Rejection | undefined {
    this.#at = skip(bytes, this.#at, end, VALUE);
    if (this.#at === end) return undefined;
    if (bytes[this.#at] !== CR) return BAD_BYTE;
    if (this.lines.count === this.#maxHeaders) return TOO_MANY;
    this.lines.add(bytes, this.#lineStart, this.#colon, this.#at);
    this.#endLine('line');
    return undefined;
  }

  #lineFeed(bytes: Buffer): Rejection | undefined {
    if (bytes[this.#at] !== LF) return BARE_CR;
    this.#at++;
    this.#state = this.#next;
    return undefined;
  }

  /** Stands on a CR. */
  #endLine(next: State): void {
    this.#at++;
    this.#state = 'line feed';
    this.#next = next;
  }

  /** Keeps bytes until the rest of their head has come, which may take a while. */
  #hold(bytes: Buffer): Buffer {
    const size = Math.min(this.#heldBytes + bytes.length, this.#maxBytes);
    if (!this.#held || this.#held.length < size) {
      const room = Buffer.allocUnsafeSlow(Math.min(Math.max(2 * size, FIRST_HOLD_BYTES), this.#maxBytes));
      this.#held?.copy(room, 0, 0, this.#heldBytes);
      this.#held = room;
    }
    bytes.copy(this.#held, this.#heldBytes, 0, size - this.#heldBytes);
    this.#heldBytes = size;
    return this.#held;
  }
}
