import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onAbort } from '../../../controllers/core/abort.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { VERSION } from '../../adapters/system/version.ts';
import type { Certificate } from '../../adapters/transport/tunnel/tls/certificate.ts';
import type { GatewayCertificates } from '../certificates/gateway-certificates.ts';
import type { ServedChange } from '../certificates/served-set.ts';
import type { DataPlane } from '../data-plane/data-plane.ts';
import { type Counters, newCounters } from '../ingress/http1/observer.ts';
import { carry } from './carry.ts';
import { Entrances } from './entrances.ts';
import type { FromWorker, Handed, ToWorker, Welcome, WorkerProcess } from './messages.ts';
import { PoolRouter } from './pool-router.ts';
import { socketPair } from './socket-pair.ts';
import { WorkerSlot } from './worker-slot.ts';

export interface WorkerPoolComponents {
  fork(): WorkerProcess;
  /** What every worker is to serve. */
  certificates: Pick<GatewayCertificates, 'served' | 'contextFor' | 'challengeFor' | 'answerTo'>;
  /** What proves to providers who we are. The key behind it stays here. */
  certificate: Certificate;
  clock: Clock;
  logger: Logger;
}

export interface WorkerPoolInit extends Pick<Welcome, 'edge' | 'logLevel'> {
  workers: number;
}

/** How long a new worker waits for the tunnels that its siblings have, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * The data plane in several processes. This one accepts connections and deals them out, without having read of them. A
 * provider holds a tunnel to each worker.
 */
export class WorkerPool implements DataPlane {
  readonly router: PoolRouter;
  readonly slots: readonly WorkerSlot[];
  readonly #components: WorkerPoolComponents;
  readonly #init: WorkerPoolInit;
  readonly #entrances: Entrances;
  readonly #sessionSecret = randomBytes(32);
  readonly #begun = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #end = new AbortController();
  /** Of workers that still wait for tunnels. */
  readonly #patience = new Map<WorkerSlot, () => void>();
  /** So that connections come to each in turn. */
  #turn = 0;

  constructor(components: WorkerPoolComponents, init: WorkerPoolInit) {
    this.#components = components;
    this.#init = init;
    const slotComponents = {
      ...components,
      state: (slot: number) => this.#state(slot),
      heard: (slot: WorkerSlot, message: FromWorker, socket?: Socket) => this.#heard(slot, message, socket),
      ended: (slot: WorkerSlot, how: string, lost: readonly string[]) => this.#gone(slot, how, lost),
    };
    this.slots = Array.from({ length: init.workers }, (_, slot) => new WorkerSlot(slotComponents, { slot }));
    this.router = new PoolRouter(this);
    const deal = (socket: Socket, isSecure: boolean) =>
      this.#deal({ type: 'connection', isSecure }, socket, this.#inService());
    this.#entrances = new Entrances({ ...components, deal }, init.edge);
  }

  get httpsPort(): number {
    return this.#entrances.httpsPort;
  }

  get httpPort(): number {
    return this.#entrances.httpPort;
  }

  get counters(): Counters {
    const sum = newCounters();
    for (const { counters } of this.slots)
      for (const name of Object.keys(sum) as (keyof Counters)[]) sum[name] += counters[name];
    return sum;
  }

  get tunnelCount(): number {
    return this.slots.reduce((sum, { tunnels }) => sum + tunnels.size, 0);
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(signal: AbortSignal): Promise<void> {
    onAbort(signal, () => {
      this.#end.abort();
      this.#begun.resolve();
    });
    await this.#entrances.start(this.#end.signal);
    this.router.listensOn(this.httpsPort);
    this.#components.certificates.served.onServed((change) => this.#serve(change));
    const running = this.slots.map((slot) => slot.run(this.#end.signal));
    void Promise.all(running).then(() => this.#ended.resolve());
    await this.#begun.promise.catch((error) => {
      this.#end.abort();
      throw error;
    });
  }

  async acceptChannel(channel: Channel, slot: number): Promise<void> {
    const [near, far] = await socketPair();
    void carry(channel, near);
    this.#deal({ type: 'detour', peerID: channel.remotePeer }, far, this.slots.slice(slot, slot + 1));
  }

  #state(slot: number): ToWorker[] {
    const { certificate, certificates } = this.#components;
    const { edge, logLevel } = this.#init;
    const secrets = { certificate, sessionSecret: this.#sessionSecret };
    const changes = certificates.served.changes();
    return [
      { type: 'welcome', version: VERSION, slot, edge, logLevel, ...secrets },
      // Nobody waits for these answers.
      ...changes.map((change) => ({ type: 'ask', id: -1, question: { type: 'served', change } }) as const),
      ...this.router.state(),
    ];
  }

  /** Resolves when every worker serves it. One that is gone will be told when it begins anew. */
  async #serve(change: ServedChange): Promise<void> {
    await Promise.allSettled(this.slots.map((slot) => slot.ask({ type: 'served', change })));
  }

  /** Those with all tunnels; where there are none, whoever there is. */
  #inService(): WorkerSlot[] {
    const ready = this.slots.filter(({ phase }) => phase === 'ready');
    return ready.length > 0 ? ready : this.slots.filter(({ phase }) => phase !== 'down');
  }

  /** To the one that keeps up best, and otherwise in turn. */
  #deal(message: Handed, socket: Socket, among: readonly WorkerSlot[]): void {
    const least = Math.min(...among.map(({ waiting }) => waiting));
    const idlest = among.filter(({ waiting }) => waiting === least);
    const chosen = idlest[this.#turn++ % Math.max(1, idlest.length)];
    if (chosen) chosen.hand(message, socket);
    else socket.destroy();
  }

  #heard(slot: WorkerSlot, message: FromWorker, socket: Socket | undefined): void {
    if (message.type === 'report') this.router.count(message.report.traffic);
    if (message.type === 'tunnel') this.router.tunnelChanged(message.provider);
    if (message.type === 'open') this.#bePatient(slot);
    if (message.type === 'open' || message.type === 'tunnel') this.#promote();
    if (socket) this.#handOver(slot, message, socket);
  }

  #handOver(from: WorkerSlot, message: FromWorker, socket: Socket): void {
    if (message.type === 'tunnel for') {
      const meant = this.slots.filter(({ slot }) => slot === message.slot);
      this.#deal({ type: 'tunnel', read: message.read }, socket, meant);
    } else if (message.type === 'visitor for') {
      const better = this.router.reaching(message.host);
      this.#deal({ type: 'visitor', read: message.read }, socket, better.length > 0 ? better : [from]);
    } else socket.destroy();
  }

  #bePatient(slot: WorkerSlot): void {
    this.#begun.resolve();
    const cancel = this.#components.clock.after(PATIENCE_MS, () => {
      this.#patience.delete(slot);
      this.#promote();
    });
    this.#patience.set(slot, cancel);
  }

  /** Visitors come to a worker once it has all tunnels that its siblings have: nobody shall meet one that knows no way. */
  #promote(): void {
    for (const slot of this.slots) if (slot.phase === 'open' && this.#isFit(slot)) slot.phase = 'ready';
  }

  #isFit(slot: WorkerSlot): boolean {
    if (!this.#patience.has(slot)) return true;
    const others = this.slots.filter(({ phase }) => phase === 'ready');
    return others.every(({ tunnels }) => tunnels.isSubsetOf(slot.tunnels));
  }

  #gone(slot: WorkerSlot, how: string, lost: readonly string[]): void {
    this.#begun.reject(new Error(`a worker ended while it was starting: ${how}`));
    this.#patience.get(slot)?.();
    this.#patience.delete(slot);
    for (const provider of lost) this.router.tunnelChanged(provider);
    this.#promote();
  }
}
