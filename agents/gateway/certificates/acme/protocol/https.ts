import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { deadline } from '../../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../../controllers/ports/clock.ts';

export interface Call {
  method: 'GET' | 'HEAD' | 'POST';
  /** JSON; sent as `application/jose+json`, the only kind that ACME knows. */
  body?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A chain of certificates has 10 KiB; an order of 100 names less. */
const MAX_BYTES = 256 * 1024;

/** A CA that is alive answers in one second, or in ten when it signs. */
const TIMEOUT_MS = 30_000;

const MAX_SOCKETS = 4;

/** RFC 8555, 6.1: a client names itself. */
const USER_AGENT = 'peer-compute-gateway';

/** Calls a CA: over HTTPS only, bounded in size and time, and never on to where it is redirected. */
export class Https {
  readonly #clock: Clock;
  readonly #agent: Agent;

  /** @param init.roots PEM of the authorities that the CA's own server is checked by; by default those of Node. */
  constructor({ clock }: { clock: Clock }, { roots }: { roots?: string | undefined }) {
    this.#clock = clock;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...(roots && { ca: roots }) });
  }

  /** Rejects with an Error that says in words why there was no answer. */
  async call(url: string, call: Call, signal: AbortSignal): Promise<Answer> {
    const { protocol, host } = new URL(url);
    if (protocol !== 'https:') throw new Error(`${url} is not an https address`);
    const overdue = () => new Error(`did not answer within ${TIMEOUT_MS / 1000} s`);
    const limit = deadline(this.#clock, signal, TIMEOUT_MS, overdue);
    try {
      return await this.#send(url, call, limit.signal);
    } catch (error) {
      const { message } = (limit.signal.aborted ? limit.signal.reason : error) as Error;
      throw new Unreachable(`${host} cannot be reached: ${message}`, { cause: error });
    } finally {
      limit.release();
    }
  }

  /** Closes connections that are kept for the next call. */
  close(): void {
    this.#agent.destroy();
  }

  #send(url: string, { method, body }: Call, signal: AbortSignal): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = { 'user-agent': USER_AGENT, ...(body && { 'content-type': 'application/jose+json' }) };
    const call = request(url, { method, agent: this.#agent, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_BYTES) response.destroy(new Error(`it answered with more than ${MAX_BYTES} bytes`));
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    call.on('error', reject);
    call.end(body);
    return promise;
  }
}

/** There was no answer: not a judgement, and no reason to think that the next attempt fails too. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
