import type { Socket } from 'node:net';
import { isStatusError } from '../../../api/meta/status-error.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { HostRoute } from '../../../controllers/ports/router.ts';
import { toCredential } from '../certificates/credential.ts';
import { type ServedChange, ServedSet } from '../certificates/served-set.ts';
import { LocalDataPlane } from '../data-plane/local-data-plane.ts';
import type { AccessRecord } from '../ingress/http1/observer.ts';
import type { FromWorker, Handed, MainProcess, Problem, Question, ToWorker, Welcome } from './messages.ts';
import { OtherWorkers } from './other-workers.ts';
import { Reporter } from './reporter.ts';

export interface WorkerComponents {
  main: MainProcess;
  clock: Clock;
  logger: Logger;
  log(record: AccessRecord): void;
}

const REPORT_MS = 1_000;

/** A data plane, and what the main process wants of it. */
export class Worker {
  readonly #components: WorkerComponents;
  readonly #welcome: Welcome;
  readonly #served: ServedSet;
  readonly #plane: LocalDataPlane;
  readonly #reporter: Reporter;
  /** By host name. */
  #routes: ReadonlyMap<string, HostRoute> = new Map();
  readonly #asked = new Map<number, AbortController>();
  readonly #stop = new AbortController();

  constructor(components: WorkerComponents, welcome: Welcome) {
    this.#components = components;
    this.#welcome = welcome;
    this.#served = new ServedSet(components);
    const siblings = new OtherWorkers({ ...components, isAway: (host) => this.#isAway(host) }, welcome);
    const { certificate, edge } = welcome;
    this.#plane = new LocalDataPlane(
      { ...components, certificates: this.#served, certificate, siblings },
      edge,
    );
    this.#reporter = new Reporter({ plane: this.#plane });
  }

  start(): void {
    const { router } = this.#plane;
    this.#plane.serve(this.#stop.signal);
    router.onTunnelChange((provider) =>
      this.#say({ type: 'tunnel', provider, isUp: router.tunnels(provider) > 0 }),
    );
    this.#report();
    this.#say({ type: 'open' });
  }

  hear(message: Exclude<ToWorker, Welcome>, socket: Socket | undefined): void {
    if (message.type === 'allow') this.#plane.router.allow(message.peerIDs);
    else if (message.type === 'serve') this.#serve(message.routes);
    else if (message.type === 'ask') void this.#answer(message.id, message.question);
    else if (message.type === 'cancel') this.#asked.get(message.id)?.abort();
    else if (message.type === 'stop') void this.#end();
    else if (socket) this.#take(message, socket);
  }

  #serve(routes: readonly HostRoute[]): void {
    this.#routes = new Map(routes.map((route) => [route.host, route]));
    this.#plane.router.serve(routes);
  }

  #isAway(host: string): boolean {
    const { tunnels } = this.#plane;
    const route = this.#routes.get(host);
    return route !== undefined && !route.backends.some(({ provider }) => tunnels.get(provider));
  }

  #take(message: Handed, socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (message.type === 'detour') this.#takeDetour(message.peerID, socket);
    else if (message.type === 'connection') this.#plane.admit(socket, message.isSecure);
    else if (message.type === 'visitor') this.#plane.takeVisitor(socket, Buffer.from(message.read));
    else {
      socket.unshift(message.read);
      this.#plane.takeTunnel(socket);
    }
  }

  #takeDetour(peerID: string, socket: Socket): void {
    try {
      this.#plane.takeTunnelOf(peerID, socket);
    } catch (error) {
      socket.destroy();
      this.#components.logger.debug('a tunnel was refused', { reason: (error as Error).message });
    }
  }

  async #answer(id: number, question: Question): Promise<void> {
    const controller = new AbortController();
    this.#asked.set(id, controller);
    try {
      if (question.type === 'served') await this.#change(question.change);
      else await this.#plane.router.probe(question.route, question.backend, controller.signal);
      this.#say({ type: 'answer', id });
    } catch (error) {
      this.#say({ type: 'answer', id, problem: toProblem(error) });
    } finally {
      this.#asked.delete(id);
    }
  }

  async #change(change: ServedChange): Promise<void> {
    if (change.type === 'put') this.#served.put(change.id, toCredential(change, this.#welcome.sessionSecret));
    else if (change.type === 'withdraw') this.#served.withdraw(change.challenge);
    else await this.#served.answer(change.challenge);
  }

  #report(): void {
    this.#say({ type: 'report', report: this.#reporter.next(this.#routes.keys()) });
    this.#components.clock.after(REPORT_MS, () => this.#report());
  }

  /** Whoever is inside may finish. */
  async #end(): Promise<void> {
    const { main } = this.#components;
    this.#stop.abort();
    await this.#plane.ended;
    await main.send({ type: 'report', report: this.#reporter.next(this.#routes.keys()) });
    main.exit(0);
  }

  #say(message: FromWorker): void {
    void this.#components.main.send(message);
  }
}

function toProblem(error: unknown): Problem {
  if (!isStatusError(error)) return { reason: 'InternalError', message: String(error), details: {} };
  const { reason, message, details } = error;
  return { reason, message, details };
}
