import type { Socket } from 'node:net';
import { StatusError } from '../../../api/meta/status-error.ts';
import { onAbort, sleep } from '../../../controllers/core/abort.ts';
import { backoffMs } from '../../../controllers/core/rate-limiter.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { newCounters } from '../ingress/http1/observer.ts';
import { DRAIN_MS } from '../ingress/ingress.ts';
import { holdSocket } from './hold-socket.ts';
import type { FromWorker, Handed, Question, Report, ToWorker, WorkerProcess } from './messages.ts';
import { addCounters } from './reporter.ts';

export interface WorkerSlotComponents {
  fork(): WorkerProcess;
  clock: Clock;
  logger: Logger;
  /** All that a new worker has to know, in this order. */
  state(slot: number): readonly ToWorker[];
  /** Told of what a worker says, after it was taken note of here. */
  heard(slot: WorkerSlot, message: FromWorker, socket: Socket | undefined): void;
  /** Told when a worker is gone, and its tunnels with it. */
  ended(slot: WorkerSlot, how: string, lost: readonly string[]): void;
}

/** The worker of a question ended before it answered. */
export class WorkerGone extends Error {}

const BACKOFF = { baseMs: 100, capMs: 10_000 };

/** A worker that lasted so long was a good one, in milliseconds. */
const HEALTHY_MS = 30_000;

/** One that reports nothing for so long turns its event loop no more, in milliseconds. */
const SILENT_MS = 30_000;

/** Draining, and a little for the rest, in milliseconds. */
const STOP_MS = DRAIN_MS + 5_000;

/** Connections on their way to one worker, as many as the kernel lets wait for us. */
const MAX_HANDED = 4096;

/** A place for a worker: where one ends, another takes it. */
export class WorkerSlot {
  readonly slot: number;
  /** Of all workers that were here. */
  readonly counters = newCounters();
  /** Providers that the worker has a tunnel of. */
  readonly tunnels = new Set<string>();
  /** How far the worker is: `open` can have tunnels, `ready` has had those of its siblings. */
  phase: 'down' | 'starting' | 'open' | 'ready' = 'down';
  /** What the worker said last of what it uses. */
  usage: Pick<Report, 'residentBytes' | 'cpuSeconds'> = { residentBytes: 0, cpuSeconds: 0 };
  readonly #components: WorkerSlotComponents;
  readonly #asked = new Map<number, PromiseWithResolvers<void>>();
  readonly #handed = new Set<Socket>();
  #process: WorkerProcess | undefined;
  #questions = 0;
  #forgiveSilence = (): void => {};

  constructor(components: WorkerSlotComponents, init: { slot: number }) {
    this.#components = components;
    this.slot = init.slot;
  }

  /** Keeps a worker here until the signal ends; resolves when it has drained and is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#components;
    for (let failures = 0; !signal.aborted; ) {
      const begun = clock.now();
      const fields = { worker: this.slot, ...(await this.#employ(signal)) };
      if (signal.aborted) return;
      failures = clock.now() - begun > HEALTHY_MS ? 1 : failures + 1;
      const retryMs = backoffMs(BACKOFF, failures);
      logger.warn('Worker ended, and is replaced', { ...fields, retryMs });
      await sleep(clock, retryMs, signal);
    }
  }

  /** Connections on their way to the worker. */
  get waiting(): number {
    return this.#handed.size;
  }

  /** To nobody while there is no worker: the next one is told everything. */
  send(message: ToWorker): void {
    void this.#process?.send(message);
  }

  /** Hands a socket over; where that cannot be it is closed. */
  hand(message: Handed, socket: Socket): void {
    if (!this.#process || this.#handed.size >= MAX_HANDED) return void socket.destroy();
    this.#handed.add(socket);
    void this.#process.send(message, socket).then(() => this.#handed.delete(socket));
  }

  /** Resolves when the worker has done it. Rejects with its StatusError, or with WorkerGone. */
  async ask(question: Question, signal?: AbortSignal): Promise<void> {
    if (!this.#process) throw new WorkerGone();
    const id = this.#questions++;
    const answer = Promise.withResolvers<void>();
    this.#asked.set(id, answer);
    this.send({ type: 'ask', id, question });
    const giveUp = () => {
      this.send({ type: 'cancel', id });
      answer.reject(signal?.reason);
    };
    const forget = signal && onAbort(signal, giveUp);
    await answer.promise.finally(() => {
      forget?.();
      this.#asked.delete(id);
    });
  }

  /** Resolves with who it was and how it ended. */
  async #employ(signal: AbortSignal): Promise<{ pid: number | undefined; how: string }> {
    const { fork, logger, state, ended } = this.#components;
    const worker = fork();
    this.#process = worker;
    this.phase = 'starting';
    worker.onMessage((message, socket) => this.#hear(message, socket));
    for (const message of state(this.slot)) this.send(message);
    this.#awaitReport();
    logger.info('Worker started', { worker: this.slot, pid: worker.pid });
    const forget = onAbort(signal, () => this.#stop(worker));
    const how = await worker.exited;
    forget();
    const lost = [...this.tunnels];
    this.#clear();
    ended(this, how, lost);
    return { pid: worker.pid, how };
  }

  #hear(message: FromWorker, socket: Socket | undefined): void {
    // Node has begun to read from it.
    if (socket) holdSocket(socket);
    if (message.type === 'open') this.phase = 'open';
    if (message.type === 'tunnel') this.tunnels[message.isUp ? 'add' : 'delete'](message.provider);
    if (message.type === 'report') this.#note(message.report);
    if (message.type === 'answer') {
      const { id, problem } = message;
      if (!problem) this.#asked.get(id)?.resolve();
      else this.#asked.get(id)?.reject(new StatusError(problem.reason, problem.message, problem.details));
    }
    this.#components.heard(this, message, socket);
  }

  #note(report: Report): void {
    addCounters(this.counters, report.counters);
    this.usage = report;
    this.#awaitReport();
  }

  #awaitReport(): void {
    const { clock, logger } = this.#components;
    this.#forgiveSilence();
    this.#forgiveSilence = clock.after(SILENT_MS, () => {
      logger.error('Worker hangs, and is killed', { worker: this.slot, pid: this.#process?.pid });
      this.#process?.kill();
    });
  }

  #stop(worker: WorkerProcess): void {
    this.send({ type: 'stop' });
    const cancel = this.#components.clock.after(STOP_MS, () => worker.kill());
    void worker.exited.then(cancel);
  }

  /** What was the worker's ends with it. */
  #clear(): void {
    this.#process = undefined;
    this.phase = 'down';
    this.#forgiveSilence();
    this.tunnels.clear();
    this.usage = { residentBytes: 0, cpuSeconds: 0 };
    addCounters(this.counters, newCounters());
    for (const { reject } of this.#asked.values()) reject(new WorkerGone());
    for (const socket of this.#handed) socket.destroy();
    this.#handed.clear();
  }
}
