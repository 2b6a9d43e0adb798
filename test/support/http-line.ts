import type { Duplex } from 'node:stream';
import { Connection } from '../../agents/gateway/ingress/http1/connection.ts';
import type { ConnectionInit } from '../../agents/gateway/ingress/http1/connection-init.ts';
import { TIME_LIMITS } from '../../agents/gateway/ingress/http1/limits.ts';
import { type AccessRecord, newCounters } from '../../agents/gateway/ingress/http1/observer.ts';
import type { Route, Upstream } from '../../agents/gateway/ingress/http1/upstream.ts';
import { FakeClock } from './fake-clock.ts';
import { CLIENT } from './http-edge.ts';
import { streamPair } from './stream-pair.ts';

const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;

/** One end of a wire, as a test holds it: notes what comes. */
export class End {
  readonly stream: Duplex;
  /** Whether the other side closed its half. */
  ended = false;
  closed = false;
  #got = '';

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.#got += bytes.toString('latin1');
    });
    stream.on('end', () => {
      this.ended = true;
    });
    stream.on('close', () => {
      this.closed = true;
    });
    stream.on('error', () => undefined);
  }

  send(text: string): void {
    this.stream.write(text, 'latin1');
  }

  /** What came since it was last asked, with ID for every request ID. */
  take(): string {
    const got = this.#got.replaceAll(UUID, 'ID');
    this.#got = '';
    return got;
  }
}

export interface LineInit extends Partial<ConnectionInit> {
  route?: Route;
  /** Instead of opening a wire at once. */
  open?: Upstream['open'];
}

/** A connection between a client and its containers, all in memory and in a time that stands still. */
export class Line {
  readonly clock = new FakeClock();
  readonly counters = newCounters();
  readonly records: AccessRecord[] = [];
  /** What was counted: the host name of each request, with a `!` where its container failed. */
  readonly counted: string[] = [];
  readonly client: End;
  /** Containers' ends, in the order they were opened. */
  readonly containers: End[] = [];
  readonly connection: Connection;
  readonly #stop = new AbortController();

  constructor({ route, open, ...init }: LineInit = {}) {
    const [ours, theirs] = streamPair();
    this.client = new End(theirs);
    const upstream = this.upstream('web', open);
    const { clock, counters } = this;
    this.connection = new Connection(
      {
        client: ours,
        clock,
        counters,
        route: route ?? (() => upstream),
        log: (record) => this.records.push(record),
        count: (hostname, failed) => this.counted.push(failed ? `${hostname}!` : hostname),
      },
      { remote: CLIENT, policy: { sharedDomains: [] }, limits: TIME_LIMITS, maxBodyBytes: 1000, ...init },
    );
    this.connection.start(this.#stop.signal);
  }

  /** A container whose ends land in `containers`. */
  upstream(key: string, open?: Upstream['open']): Upstream {
    return { key, name: key, open: open ?? (async () => this.open()) };
  }

  /** A new wire: its other end is the last of `containers`. */
  open(): Duplex {
    const [ours, theirs] = streamPair();
    this.containers.push(new End(theirs));
    return ours;
  }

  /** The first container's end. */
  get container(): End {
    return this.containers[0]!;
  }

  /** The client sends, and all that follows from it happens. */
  async ask(text: string): Promise<void> {
    this.client.send(text);
    await this.clock.settle();
  }

  /** A container sends, and all that follows from it happens. */
  async answer(text: string, container: End = this.containers.at(-1)!): Promise<void> {
    container.send(text);
    await this.clock.settle();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.settle();
  }
}

/**
 * Opens lines for the tests of a file, and sees after each test that nothing is left of them: no timer, no stream, no
 * request under way.
 */
export function useLines(): (init?: LineInit) => Line {
  const lines: Line[] = [];
  afterEach(async () => {
    for (const line of lines.splice(0)) {
      await line.stop();
      expect(line.clock.pending).toBe(0);
      expect(line.counters).toMatchObject({ connections: 0, active: 0 });
      const left = [line.client, ...line.containers].filter(({ closed, ended }) => !closed && !ended);
      expect(left).toEqual([]);
    }
  });
  return (init) => {
    const line = new Line(init);
    lines.push(line);
    return line;
  };
}
