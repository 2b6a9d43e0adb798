import type { Socket } from 'node:net';
import { newCounters } from '../../agents/gateway/ingress/http1/observer.ts';
import type {
  FromWorker,
  Handed,
  Question,
  Report,
  ToWorker,
  WorkerProcess,
} from '../../agents/gateway/workers/messages.ts';

/** A worker that notes what it is told, and says and does what a test wants. */
export class FakeWorker implements WorkerProcess {
  readonly pid = 4711;
  readonly heard: ToWorker[] = [];
  readonly sockets: Socket[] = [];
  isKilled = false;
  /** Whether it takes what is handed to it. */
  isAwake = true;
  readonly #exited = Promise.withResolvers<string>();
  #listener: (message: FromWorker, socket: Socket | undefined) => void = () => {};

  get exited(): Promise<string> {
    return this.#exited.promise;
  }

  async send(message: ToWorker, socket?: Socket): Promise<void> {
    this.heard.push(structuredClone(message));
    if (socket && !this.isAwake) await new Promise(() => {});
    if (socket) this.sockets.push(socket);
  }

  onMessage(listener: (message: FromWorker, socket: Socket | undefined) => void): void {
    this.#listener = listener;
  }

  kill(): void {
    this.isKilled = true;
    this.exit('SIGKILL');
  }

  exit(how: string): void {
    this.#exited.resolve(how);
  }

  say(message: FromWorker, socket?: Socket): void {
    this.#listener(structuredClone(message), socket);
  }

  tunnel(provider: string, isUp = true): void {
    this.say({ type: 'tunnel', provider, isUp });
  }

  report(report: Partial<Report>): void {
    const nothing = { counters: newCounters(), traffic: new Map(), residentBytes: 0, cpuSeconds: 0 };
    this.say({ type: 'report', report: { ...nothing, ...report } });
  }

  /** The questions it was asked and has to answer, by their IDs. */
  questions(type: Question['type']): number[] {
    return this.heard.flatMap((message) =>
      message.type === 'ask' && message.question.type === type ? [message.id] : [],
    );
  }

  /** What it was handed. */
  handed(): Handed['type'][] {
    const kinds = ['connection', 'tunnel', 'visitor', 'detour'];
    return this.heard.map(({ type }) => type as Handed['type']).filter((type) => kinds.includes(type));
  }
}
