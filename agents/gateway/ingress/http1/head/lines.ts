import { HTAB, SP } from '../characters.ts';
import { MAX_HEADERS } from '../limits.ts';
import { FIELD_COUNT, type Field, recognize } from './fields.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Bytes of a name, its value and the end of its line. */
const PLACES = 3;

/**
 * The lines of one head, as places in its bytes: nothing is copied, and no string is made that nobody asks for.
 * Good until the next head is read.
 */
export class HeadLines {
  /** The head's bytes, and perhaps more behind them. */
  bytes = NOTHING;
  /** Where the start line begins: 2 when an empty line came before it. */
  start = 0;
  /** Where the CR stands that ends the start line. */
  startLineEnd = 0;
  /** Just behind the empty line that ends the head. */
  end = 0;
  /** How many header lines there are. */
  count = 0;
  // Places of at most MAX_HEAD_BYTES: 16 bits hold them.
  readonly #places = new Uint16Array(PLACES * MAX_HEADERS);
  readonly #fields = new Uint8Array(MAX_HEADERS);
  readonly #seen = new Uint8Array(FIELD_COUNT);

  clear(): void {
    this.bytes = NOTHING;
    this.start = 0;
    this.count = 0;
    this.#seen.fill(0);
  }

  /** Takes a line: its name from `start` to `colon`, its value up to the CR at `end`. */
  add(bytes: Buffer, start: number, colon: number, end: number): void {
    const place = PLACES * this.count;
    this.#places[place] = start;
    this.#places[place + 1] = colon;
    this.#places[place + 2] = end;
    const field = recognize(bytes, start, colon);
    this.#fields[this.count++] = field;
    this.#seen[field]!++;
  }

  /** Which header a line is. */
  field(line: number): Field {
    return this.#fields[line] as Field;
  }

  /** How many lines of this header there are. */
  seen(field: Field): number {
    return this.#seen[field]!;
  }

  lineStart(line: number): number {
    return this.#places[PLACES * line]!;
  }

  /** Just behind a line's CRLF. */
  lineEnd(line: number): number {
    return this.#places[PLACES * line + 2]! + 2;
  }

  name(line: number): string {
    return this.bytes.toString('latin1', this.#places[PLACES * line], this.#places[PLACES * line + 1]);
  }

  /** A line's value without the white space around it. */
  value(line: number): string {
    let start = this.#places[PLACES * line + 1]! + 1;
    let end = this.#places[PLACES * line + 2]!;
    while (start < end && isBlank(this.bytes[start])) start++;
    while (start < end && isBlank(this.bytes[end - 1])) end--;
    return this.bytes.toString('latin1', start, end);
  }

  /** The value of a header, that of several lines joined by commas; undefined when it is absent. */
  valueOf(field: Field): string | undefined {
    if (this.#seen[field] === 0) return undefined;
    let joined: string | undefined;
    for (let line = 0; line < this.count; line++)
      if (this.#fields[line] === field)
        joined = joined === undefined ? this.value(line) : `${joined}, ${this.value(line)}`;
    return joined;
  }

  /** The same for any name, in small letters. Slower: it looks at every line. */
  valueOfName(name: string): string | undefined {
    const values = [];
    for (let line = 0; line < this.count; line++)
      if (this.name(line).toLowerCase() === name) values.push(this.value(line));
    return values.length === 0 ? undefined : values.join(', ');
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
