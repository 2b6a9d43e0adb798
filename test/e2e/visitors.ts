import { Agent, get as getPage, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a visitor gets, over a connection of his own unless there is an agent: status and body. */
export function ask(host: string, options: RequestOptions): Promise<[number | undefined, string]> {
  const signal = AbortSignal.timeout(10_000);
  const address = { host: '127.0.0.1', servername: host, headers: { host }, signal };
  return new Promise((resolve, reject) => {
    getPage({ agent: false, path: '/0', ...address, rejectUnauthorized: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.once('end', () => resolve([response.statusCode, body]));
      response.once('error', reject);
    }).once('error', reject);
  });
}

/** Visitors who each keep their connection, and so their worker; `failed` counts those that broke. */
export class Regulars {
  failed = 0;
  answered = 0;
  readonly #stop = new AbortController();
  readonly #all: Promise<void>[];

  constructor(host: string, { port, count }: { port: number; count: number }) {
    this.#all = Array.from({ length: count }, () => this.#come(host, port));
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#all);
  }

  async #come(host: string, port: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (; !this.#stop.signal.aborted; await sleep(10)) {
        const [status] = await ask(host, { port, agent, path: '/5' });
        if (status !== 200) throw new Error(`they were answered ${status}`);
        this.answered++;
      }
    } catch {
      // Counted: the test says how many may.
      this.failed++;
    } finally {
      agent.destroy();
    }
  }
}
