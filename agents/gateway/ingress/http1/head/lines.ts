import { HTAB, SP } from '../characters.ts';
import { Field, recognize } from './fields.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Columns of a line in the table: where its name begins, where that ends, where the value ends, and which header it is. */
const COLUMNS = 4;
const COLON = 1;
const VALUE_END = 2;
const FIELD = 3;

/** Most heads have fewer; the table grows for others. */
const FIRST_LINES = 32;

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
  // Places of at most MAX_HEAD_BYTES: 16 bits hold them. One table, since each costs every connection a cache line or two.
  #table = new Uint16Array(COLUMNS * FIRST_LINES);
  /** Bits by Field: who has been seen, and who more than once. */
  #once = 0;
  #again = 0;

  clear(): void {
    this.bytes = NOTHING;
    this.start = 0;
    this.count = 0;
    this.#once = 0;
    this.#again = 0;
  }

  /** Takes a line: its name from `start` to `colon`, its value up to the CR at `end`. */
  add(bytes: Buffer, start: number, colon: number, end: number): void {
    const field = recognize(bytes, start, colon);
    const at = COLUMNS * this.count++;
    if (at === this.#table.length) this.#grow();
    const table = this.#table;
    table[at] = start;
    table[at + COLON] = colon;
    table[at + VALUE_END] = end;
    table[at + FIELD] = field;
    this.#again |= this.#once & (1 << field);
    this.#once |= 1 << field;
  }

  /** Which header a line is. */
  field(line: number): Field {
    return this.#table[COLUMNS * line + FIELD] as Field;
  }

  /** How many lines of this header there are: 0, 1, or 2 for more. */
  seen(field: Field): 0 | 1 | 2 {
    if ((this.#once & (1 << field)) === 0) return 0;
    return (this.#again & (1 << field)) === 0 ? 1 : 2;
  }

  /** Whether there is nothing but headers nobody knows. */
  get unknownOnly(): boolean {
    return (this.#once & ~(1 << Field.other)) === 0;
  }

  lineStart(line: number): number {
    return this.#table[COLUMNS * line]!;
  }

  /** Just behind a line's CRLF. */
  lineEnd(line: number): number {
    return this.#table[COLUMNS * line + VALUE_END]! + 2;
  }

  name(line: number): string {
    return this.bytes.toString('latin1', this.lineStart(line), this.#table[COLUMNS * line + COLON]);
  }

  /** A line's value without the white space around it. */
  value(line: number): string {
    let start = this.#table[COLUMNS * line + COLON]! + 1;
    let end = this.#table[COLUMNS * line + VALUE_END]!;
    while (start < end && isBlank(this.bytes[start])) start++;
    while (start < end && isBlank(this.bytes[end - 1])) end--;
    return this.bytes.toString('latin1', start, end);
  }

  /** The value of a header, that of several lines joined by commas; undefined when it is absent. */
  valueOf(field: Field): string | undefined {
    if (this.seen(field) === 0) return undefined;
    let joined: string | undefined;
    for (let line = 0; line < this.count; line++)
      if (this.field(line) === field)
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

  #grow(): void {
    const larger = new Uint16Array(2 * this.#table.length);
    larger.set(this.#table);
    this.#table = larger;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
