import { addAbortSignal, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Metrics } from '../../../../../controllers/ports/metrics.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import { type Connection, connect } from './connection.ts';
import { hasStatus, overdue, unavailable } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';

export interface EngineComponents {
  clock: Clock;
  metrics?: Metrics | undefined;
}

export interface EngineInit {
  dockerHost?: string | undefined;
  /** How long the engine may take to answer what it knows at once. */
  answerTimeoutMilliseconds?: number | undefined;
  /** How often it is pinged during what may take long. */
  heartbeatMilliseconds?: number | undefined;
}

/** Makes one request; passes the signal on where the client takes one. */
export type Call<T> = (docker: Docker, signal: AbortSignal) => Promise<T>;

export interface StreamOptions {
  signal: AbortSignal;
  /** The answer has begun. */
  onOpen?(): void;
  /** How long it may take to begin. Default: as any answer. */
  openTimeoutMilliseconds?: number;
}

/** Questions under way at a time. A list of many containers asks half as many, so that others get through beside it. */
const MAX_QUESTIONS = 16;

/** Creations, starts and removals under way at a time: more of them only take each other's disk and locks. */
const MAX_WORK = 8;

/** Stops, pulls, logs and events under way at a time, which cost little: 64 streams for each of some peers. */
const MAX_WAITS = 512;

/** A start on a slow disk with a cold cache; beyond it something is wrong though the engine answers pings. */
const WORK_TIMEOUT_MS = 120_000;

/**
 * The Docker engine behind a socket. Every call ends: with the answer, with the engine's refusal as the client
 * throws it (see errors.ts), or with RuntimeUnavailable when the engine is gone or does not answer in time.
 */
export class Engine {
  readonly #components: EngineComponents;
  readonly #questions: Connection;
  readonly #work: Connection;
  readonly #waits: Connection;
  readonly #heartbeat: Heartbeat;
  readonly #answerTimeout: number;

  constructor(components: EngineComponents, init: EngineInit) {
    const { dockerHost } = init;
    this.#components = components;
    this.#answerTimeout = init.answerTimeoutMilliseconds ?? 15_000;
    this.#questions = connect({
      dockerHost,
      maxSockets: MAX_QUESTIONS,
      timeoutMilliseconds: this.#answerTimeout,
    });
    this.#work = connect({ dockerHost, maxSockets: MAX_WORK });
    this.#waits = connect({ dockerHost, maxSockets: MAX_WAITS });
    this.#heartbeat = new Heartbeat(
      { clock: components.clock, ping: () => this.#ping() },
      { intervalMilliseconds: init.heartbeatMilliseconds ?? 10_000 },
    );
  }

  /** Asks what the engine knows at once. */
  async ask<T>(operation: string, call: Call<T>): Promise<T> {
    return this.#measured(operation, async () => {
      using deadline = this.#deadline(this.#answerTimeout);
      return await orAborted(call(this.#questions.docker, deadline.signal), deadline.signal);
    });
  }

  /** Has the engine do what may take a while; waits as long as it answers pings. */
  work<T>(operation: string, call: Call<T>, signal?: AbortSignal): Promise<T> {
    return this.#patiently(operation, this.#work, call, WORK_TIMEOUT_MS, signal);
  }

  /** Waits for what takes so long by itself that other work should not stand behind it. */
  wait<T>(operation: string, call: Call<T>, timeoutMilliseconds: number): Promise<T> {
    return this.#patiently(operation, this.#waits, call, timeoutMilliseconds);
  }

  /**
   * The bytes of an answer that may last for days. Throws the signal's reason when it aborts; returning early
   * closes the connection.
   */
  async *stream(open: Call<NodeJS.ReadableStream>, options: StreamOptions): AsyncGenerator<Buffer> {
    using attendance = this.#heartbeat.attend();
    const signal = anyOf(options.signal, attendance.signal);
    try {
      const source = await this.#opened(open, signal, options.openTimeoutMilliseconds ?? this.#answerTimeout);
      options.onOpen?.();
      for await (const chunk of addAbortSignal(signal, source)) yield chunk;
    } catch (error) {
      throw this.#failure(signal.aborted ? signal.reason : error, options.signal);
    }
  }

  async #opened(
    open: Call<NodeJS.ReadableStream>,
    signal: AbortSignal,
    milliseconds: number,
  ): Promise<Readable> {
    using deadline = this.#deadline(milliseconds);
    const until = anyOf(signal, deadline.signal);
    return (await orAborted(open(this.#waits.docker, until), until)) as Readable;
  }

  #patiently<T>(
    operation: string,
    { docker }: Connection,
    call: Call<T>,
    timeoutMilliseconds: number,
    caller?: AbortSignal,
  ): Promise<T> {
    const run = async () => {
      using deadline = this.#deadline(timeoutMilliseconds);
      using attendance = this.#heartbeat.attend();
      const signal = anyOf(deadline.signal, attendance.signal, caller);
      return await orAborted(call(docker, signal), signal);
    };
    return this.#measured(operation, run, caller);
  }

  async #ping(): Promise<void> {
    await this.ask('ping', (docker) => docker.ping());
  }

  async #measured<T>(operation: string, run: () => Promise<T>, caller?: AbortSignal): Promise<T> {
    const { clock, metrics } = this.#components;
    const startedAt = clock.now();
    let result = 'success';
    try {
      return await run();
    } catch (error) {
      result = hasStatus(error, 304, 404, 409) ? 'refused' : 'error';
      throw this.#failure(error, caller);
    } finally {
      metrics?.increment('peercompute_docker_operations_total', { operation, result });
      metrics?.observe('peercompute_docker_operation_seconds', (clock.now() - startedAt) / 1000, {
        operation,
      });
    }
  }

  /** A refusal stays as it is; what the caller aborted with too. */
  #failure(error: unknown, caller?: AbortSignal): unknown {
    if (error instanceof RuntimeError || (error instanceof Error && 'statusCode' in error)) return error;
    if (caller?.aborted && error === caller.reason) return error;
    return unavailable(this.#waits.address, error);
  }

  #deadline(milliseconds: number): { signal: AbortSignal } & Disposable {
    const controller = new AbortController();
    const cancel = this.#components.clock.after(milliseconds, () =>
      controller.abort(overdue(this.#waits.address, milliseconds)),
    );
    return { signal: controller.signal, [Symbol.dispose]: cancel };
  }
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/** Settles as `work` does, or rejects at once when the signal aborts: the client does not notice in every state. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
