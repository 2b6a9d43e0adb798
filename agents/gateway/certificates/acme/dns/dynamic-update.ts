import { randomInt } from 'node:crypto';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { DnsRecords, TxtRecord } from './dns-records.ts';
import { type DnsServer, exchange } from './exchange.ts';
import {
  Class,
  decodeMessage,
  encodeMessage,
  encodeText,
  type Message,
  Opcode,
  type ResourceRecord,
  responseCode,
  Type,
} from './message.ts';
import { objectionTo, signMessage, type TsigKey } from './tsig.ts';

export interface DynamicUpdateInit extends DnsServer {
  key: TsigKey;
}

/** It lives for minutes, and nobody should remember it longer. In seconds. */
const TTL = 60;

const RESPONSE_CODE = 0x0f;

/** Updates the primary server of the zone, as nsupdate does (RFC 2136), signed (RFC 8945), over TCP. */
export class DynamicUpdate implements DnsRecords {
  readonly #clock: Clock;
  readonly #init: DynamicUpdateInit;

  constructor({ clock }: { clock: Clock }, init: DynamicUpdateInit) {
    this.#clock = clock;
    this.#init = init;
  }

  present(record: TxtRecord, signal: AbortSignal): Promise<void> {
    return this.#update(record, { class: Class.in, ttl: TTL }, signal);
  }

  /** RFC 2136, 2.5.4: a record of class NONE is one to be deleted. */
  cleanup(record: TxtRecord, signal: AbortSignal): Promise<void> {
    return this.#update(record, { class: Class.none, ttl: 0 }, signal);
  }

  async #update(
    { fqdn, value }: TxtRecord,
    change: Pick<ResourceRecord, 'class' | 'ttl'>,
    signal: AbortSignal,
  ): Promise<void> {
    const question = { name: await this.#zoneOf(fqdn, signal), type: Type.soa, class: Class.in };
    const record = { name: fqdn, type: Type.txt, data: encodeText(value), ...change };
    await this.#ask({ opcode: Opcode.update, question, updates: [record] }, signal);
  }

  /** The server tells it beside the answer, even to a question for a name that is not there (RFC 2308, 2.1). */
  async #zoneOf(fqdn: string, signal: AbortSignal): Promise<string> {
    const question = { name: fqdn, type: Type.soa, class: Class.in };
    const { answers, authorities } = await this.#ask({ opcode: Opcode.query, question }, signal);
    const soa = [...answers, ...authorities].find(({ type }) => type === Type.soa);
    if (soa) return soa.name;
    throw new Error(`the DNS server ${this.#name()} holds no zone of ${fqdn}`);
  }

  async #ask(
    request: Omit<Parameters<typeof encodeMessage>[0], 'id'>,
    signal: AbortSignal,
  ): Promise<Message> {
    const { key } = this.#init;
    const id = randomInt(0x10000);
    const { message, mac } = signMessage(encodeMessage({ id, ...request }), key, this.#clock.now());
    const bytes = await exchange(this.#clock, this.#init, message, signal);
    const answer = decodeMessage(bytes);
    const code = answer.flags & RESPONSE_CODE;
    const isAnswer = code === 0 || (code === 3 && request.opcode === Opcode.query);
    // An answer to a request whose key it does not know cannot be signed.
    if (!isAnswer) throw new Error(`the DNS server ${this.#name()} answered ${responseCode(code)}`);
    const objection =
      answer.id === id ? objectionTo(bytes, key, this.#clock.now(), mac) : 'it is to another request';
    if (objection === undefined) return answer;
    throw new Error(`an answer of the DNS server ${this.#name()} cannot be trusted: ${objection}`);
  }

  #name(): string {
    return `${this.#init.host}:${this.#init.port}`;
  }
}
