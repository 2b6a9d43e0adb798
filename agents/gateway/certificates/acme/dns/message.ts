/*
 * As much of DNS messages (RFC 1035, 4.1) as it takes to ask for a zone and to update it.
 */

export const Type = { soa: 6, txt: 16, tsig: 250, any: 255 } as const;
export const Class = { in: 1, none: 254, any: 255 } as const;
export const Opcode = { query: 0, update: 5 } as const;

/** Response codes that have a name (RFC 1035, 2136, 8945). */
const RESPONSE_CODES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  22: 'BADTRUNC',
};

export interface Question {
  name: string;
  type: number;
  class: number;
}

export interface ResourceRecord extends Question {
  ttl: number;
  data: Buffer;
}

export interface Message {
  id: number;
  /** Opcode, response code and the rest of the second word of the header. */
  flags: number;
  /** In an update: the zone. */
  questions: Question[];
  answers: ResourceRecord[];
  /** In an update: what changes. */
  authorities: ResourceRecord[];
  additionals: (ResourceRecord & { offset: number })[];
}

const HEADER_BYTES = 12;

/** Following one may lead to the next; RFC 1035 has no use for so many. */
const MAX_POINTERS = 16;

/** RFC 1035, 2.3.4. */
const LONGEST_NAME = 255;

export function responseCode(code: number): string {
  return RESPONSE_CODES[code] ?? `response code ${code}`;
}

/** A message that asks or updates; it has no answers and no additional records. */
export function encodeMessage({
  id,
  opcode,
  question,
  updates = [],
}: {
  id: number;
  opcode: number;
  question: Question;
  updates?: readonly ResourceRecord[];
}): Buffer {
  const header = words(id, opcode << 11, 1, 0, updates.length, 0);
  const asked = Buffer.concat([encodeName(question.name), words(question.type, question.class)]);
  return Buffer.concat([header, asked, ...updates.map(encodeRecord)]);
}

export function encodeRecord({ name, type, class: recordClass, ttl, data }: ResourceRecord): Buffer {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(ttl);
  return Buffer.concat([encodeName(name), words(type, recordClass), seconds, words(data.length), data]);
}

/** Uncompressed and in lower case, as it is signed. */
export function encodeName(name: string): Buffer {
  const labels = name.toLowerCase().split('.').filter(Boolean);
  const parts = labels.map((label) =>
    Buffer.concat([Uint8Array.of(label.length), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...parts, Uint8Array.of(0)]);
}

/** Text as the data of a TXT record: strings of at most 255 bytes; that of ACME has 43. */
export function encodeText(text: string): Buffer {
  return Buffer.concat([Uint8Array.of(text.length), Buffer.from(text, 'latin1')]);
}

/** Of 16 bits each, the highest byte first. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
}

/** @throws RangeError when the bytes are no message. */
export function decodeMessage(bytes: Buffer): Message {
  const reader = new Reader(bytes);
  const [id = 0, flags = 0, questions = 0, ...counts] = [0, 2, 4, 6, 8, 10].map((at) =>
    bytes.readUInt16BE(at),
  );
  const question = () => ({ name: reader.name(), type: reader.word(), class: reader.word() });
  const record = () => {
    const { offset } = reader;
    return { offset, ...question(), ttl: reader.long(), data: reader.take(reader.word()) };
  };
  const asked = times(questions, question);
  const [answers = [], authorities = [], additionals = []] = counts.map((count) => times(count, record));
  return { id, flags, questions: asked, answers, authorities, additionals };
}

/** One after the other: each says where the next begins. */
function times<T>(count: number, read: () => T): T[] {
  return Array.from({ length: count }, read);
}

class Reader {
  readonly #bytes: Buffer;
  offset = HEADER_BYTES;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  word(): number {
    return this.take(2).readUInt16BE();
  }

  long(): number {
    return this.take(4).readUInt32BE();
  }

  take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new RangeError('a DNS message ends too early');
    const taken = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }

  /** In lower case, without a final dot. A pointer leads to where the rest of the name stands already. */
  name(): string {
    const labels: string[] = [];
    let back: number | undefined;
    for (let pointers = 0, length = this.#byte(); length !== 0; length = this.#byte()) {
      if (length >= 0xc0) {
        if (++pointers > MAX_POINTERS) throw new RangeError('a DNS name leads in circles');
        const target = ((length & 0x3f) << 8) | this.#byte();
        back ??= this.offset;
        this.offset = target;
      } else labels.push(this.take(length).toString('latin1').toLowerCase());
      if (labels.length * 2 > LONGEST_NAME) throw new RangeError('a DNS name is too long');
    }
    this.offset = back ?? this.offset;
    return labels.join('.');
  }

  #byte(): number {
    return this.take(1).readUInt8();
  }
}
