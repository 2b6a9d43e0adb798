import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import {
  Class,
  decodeMessage,
  encodeName,
  encodeRecord,
  encodeText,
  type Message,
  Opcode,
  type ResourceRecord,
  Type,
  words,
} from '../../agents/gateway/certificates/acme/dns/message.ts';
import { objectionTo, signMessage, type TsigKey } from '../../agents/gateway/certificates/acme/dns/tsig.ts';

const A = 1;
const ANSWER = 0x8400;
const NOT_AUTHENTICATED = 9;
const SERVER_FAILURE = 2;
const TRUNCATED = 0x0200;

/** What resolvers take over UDP at least (RFC 6891); what is longer they ask for over TCP. */
const LONGEST_DATAGRAM = 512;

/** RFC 1035, 3.3: a string of a TXT record. */
const LONGEST_STRING = 255;

/** An authoritative server on loopback for one zone, which every host of the world has 127.0.0.1 in; it takes updates. */
export class TestDns {
  readonly #zone: string;
  readonly #key: TsigKey | undefined;
  readonly #records = new Map<string, Set<string>>();
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server;
  /** It answers nothing but that it cannot. */
  fails = false;
  /** Every change, in order: `+fqdn` or `-fqdn`. */
  readonly changes: string[] = [];

  private constructor({ zone, key }: { zone: string; key?: TsigKey }) {
    this.#zone = zone;
    this.#key = key;
    this.#udp.on('message', (message, peer: RemoteInfo) => {
      this.#udp.send(truncated(this.#answer(message)), peer.port, peer.address);
    });
    this.#tcp = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data: Buffer) => {
        const answer = this.#answer(data.subarray(2));
        socket.end(Buffer.concat([words(answer.length), answer]));
      });
    });
  }

  /** With a key it takes updates that are signed with it, and no others. */
  static async start(init: { zone: string; key?: TsigKey }): Promise<TestDns> {
    const dns = new TestDns(init);
    dns.#tcp.listen(0, '127.0.0.1');
    await once(dns.#tcp, 'listening');
    dns.#udp.bind((dns.#tcp.address() as AddressInfo).port, '127.0.0.1');
    try {
      await once(dns.#udp, 'listening');
      return dns;
    } catch {
      // Somebody has the port that the kernel chose for TCP; it will choose another.
      dns.#tcp.close();
      return TestDns.start(init);
    }
  }

  get port(): number {
    return this.#udp.address().port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  add(fqdn: string, value: string): void {
    const values = this.#records.get(fqdn) ?? new Set();
    this.#records.set(fqdn, values.add(value));
    this.changes.push(`+${fqdn}`);
  }

  delete(fqdn: string, value: string): void {
    if (this.#records.get(fqdn)?.delete(value)) this.changes.push(`-${fqdn}`);
  }

  /** Values of TXT records that are there now. */
  valuesOf(fqdn: string): string[] {
    return [...(this.#records.get(fqdn) ?? [])];
  }

  async stop(): Promise<void> {
    this.#udp.close();
    await new Promise((resolve) => this.#tcp.close(resolve));
  }

  #answer(bytes: Buffer): Buffer {
    const request = decodeMessage(bytes);
    const opcode = (request.flags >> 11) & 0x0f;
    const isSigned = request.additionals.at(-1)?.type === Type.tsig;
    const key = isSigned ? this.#key : undefined;
    if (this.fails) return reply(request, SERVER_FAILURE, []);
    if (isSigned && (!key || objectionTo(bytes, key, Date.now())))
      return reply(request, NOT_AUTHENTICATED, []);
    if (opcode === Opcode.update) {
      if (!key) return reply(request, NOT_AUTHENTICATED, []);
      for (const update of request.authorities) this.#apply(update);
    }
    const answer = reply(request, 0, opcode === Opcode.query ? this.#lookUp(request) : []);
    return key ? signMessage(answer, key, Date.now(), macIn(request)).message : answer;
  }

  #apply({ name, data, class: recordClass }: ResourceRecord): void {
    const value = data.subarray(1).toString('latin1');
    if (recordClass === Class.none) this.delete(name, value);
    else this.add(name, value);
  }

  #lookUp({ questions: [question] }: Message): ResourceRecord[] {
    if (!question) return [];
    const record = { name: question.name, type: question.type, class: Class.in, ttl: 1 };
    if (question.type === A) return [{ ...record, data: Buffer.from([127, 0, 0, 1]) }];
    if (question.type === Type.txt)
      return this.valuesOf(question.name).map((value) => ({ ...record, data: encodeLongText(value) }));
    const data = Buffer.concat([encodeName('ns'), encodeName('root'), Buffer.alloc(20)]);
    return question.type === Type.soa ? [{ ...record, name: this.#zone, data }] : [];
  }
}

/** What is longer than a string may be comes in several. */
function encodeLongText(text: string): Buffer {
  const strings = text.match(new RegExp(`[^]{1,${LONGEST_STRING}}`, 'g')) ?? [''];
  return Buffer.concat(strings.map(encodeText));
}

/** RFC 1035, 4.2.1: what does not fit is to be asked for again. */
function truncated(answer: Buffer): Buffer {
  if (answer.length <= LONGEST_DATAGRAM) return answer;
  const request = decodeMessage(answer);
  return reply({ ...request, flags: request.flags | TRUNCATED }, 0, []);
}

function reply({ id, flags, questions }: Message, code: number, answers: ResourceRecord[]): Buffer {
  const asked = questions.map(({ name, type, class: of }) =>
    Buffer.concat([encodeName(name), words(type, of)]),
  );
  const header = words(id, ANSWER | (flags & 0x7b00) | code, asked.length, answers.length, 0, 0);
  return Buffer.concat([header, ...asked, ...answers.map(encodeRecord)]);
}

/** Behind the name of the algorithm, the time and the fudge. */
function macIn({ additionals }: Message): Buffer {
  const data = additionals.at(-1)?.data ?? Buffer.alloc(0);
  const start = data.indexOf(0) + 1;
  return data.subarray(start + 10, start + 10 + data.readUInt16BE(start + 8));
}
