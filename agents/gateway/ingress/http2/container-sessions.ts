import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { deadline, onAbort } from '../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Refusal, Route, Upstream } from '../http1/upstream.ts';
import { H2cStream, type OnClose } from './h2c-stream.ts';
import { CLIENT_OPTIONS, CONNECTION_WINDOW_BYTES } from './limits.ts';

export interface ContainerSessionsInit {
  /** How long a connection to a container may take, in milliseconds. */
  openMs: number;
}

/** The sessions of one visitor with containers that speak HTTP/2: one with each, shared with no other visitor. */
export class ContainerSessions {
  readonly #clock: Clock;
  readonly #init: ContainerSessionsInit;
  readonly #sessions = new Map<string, Promise<ClientHttp2Session>>();
  readonly #over = new AbortController();

  constructor(clock: Clock, init: ContainerSessionsInit) {
    this.#clock = clock;
    this.#init = init;
  }

  /** The same routes, where all upstreams speak HTTP/1.1 to us. */
  wrap(route: Route, onClose: OnClose = () => undefined): Route {
    const reach = (found: Upstream | Refusal) =>
      'status' in found || found.protocol !== 'H2C' ? found : new Translated(found, this, onClose);
    return (head, current) => {
      const found = route(head, current instanceof Translated ? current.inner : current);
      return 'then' in found ? found.then(reach) : reach(found);
    };
  }

  /** The one that there is, or a new one. */
  session(upstream: Upstream): Promise<ClientHttp2Session> {
    const known = this.#sessions.get(upstream.key);
    if (known) return known;
    const forget = () => {
      if (this.#sessions.get(upstream.key) === opening) this.#sessions.delete(upstream.key);
    };
    const opening = this.#open(upstream, forget);
    this.#sessions.set(upstream.key, opening);
    opening.catch(forget);
    return opening;
  }

  /** The visitor has left. */
  close(): void {
    this.#over.abort();
  }

  async #open(upstream: Upstream, ended: () => void): Promise<ClientHttp2Session> {
    const overdue = () => new Error('it took too long');
    const limit = deadline(this.#clock, this.#over.signal, this.#init.openMs, overdue);
    const stream = await upstream.open(limit.signal).finally(limit.release);
    const session = connect('http://container', { ...CLIENT_OPTIONS, createConnection: () => stream });
    // HTTP/2 knows no half of a connection. Ended this way, no response looks whole that is not; and Node would wait for
    // streams that nobody reads.
    stream.once('end', () => stream.destroy()).once('close', () => session.destroy());
    // Its streams break, and say so themselves.
    session.on('error', () => undefined);
    // It takes what it has, and no more.
    session.once('goaway', ended).once('close', ended);
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    session.once(
      'close',
      onAbort(this.#over.signal, () => session.destroy()),
    );
    return session;
  }
}

/** An upstream whose connections are streams in a session. */
class Translated implements Upstream {
  readonly inner: Upstream;
  readonly #sessions: ContainerSessions;
  readonly #onClose: OnClose;

  constructor(inner: Upstream, sessions: ContainerSessions, onClose: OnClose) {
    this.inner = inner;
    this.#sessions = sessions;
    this.#onClose = onClose;
  }

  get key(): string {
    return this.inner.key;
  }

  get name(): string {
    return this.inner.name;
  }

  get setCookie(): string | undefined {
    return this.inner.setCookie;
  }

  async open(): Promise<Duplex> {
    return new H2cStream(await this.#sessions.session(this.inner), this.#onClose).connection;
  }
}
