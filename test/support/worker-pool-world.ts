import { connect, type Socket } from 'node:net';
import { ServedSet } from '../../agents/gateway/certificates/served-set.ts';
import { WorkerPool } from '../../agents/gateway/workers/worker-pool.ts';
import { FakeWorker } from '../fakes/fake-worker.ts';
import { eventually } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLogger } from './fake-logger.ts';

/** Two workers of a test's, and the ports of the pool. */
export class WorkerPoolWorld {
  readonly clock = new FakeClock();
  readonly logger = new FakeLogger();
  readonly stop = new AbortController();
  readonly served = new ServedSet(this);
  /** In the order in which they were started. */
  readonly workers: FakeWorker[] = [];
  readonly pool = new WorkerPool(
    {
      fork: () => this.#fork(),
      certificates: Object.assign(this.served, { served: this.served }),
      certificate: { cert: '', key: '' },
      clock: this.clock,
      logger: this.logger,
    },
    {
      workers: 2,
      logLevel: 'info',
      edge: {
        listen: '127.0.0.1',
        httpsPort: 0,
        httpPort: 0,
        domain: 'example.com',
        maxBodyBytes: 1,
        visitorLimits: {},
        hstsSeconds: undefined,
        behindProxy: false,
      },
    },
  );

  async start(): Promise<void> {
    const started = this.pool.start(this.stop.signal);
    await eventually(() => expect(this.workers.length).toBe(2));
    for (const worker of this.workers) worker.say({ type: 'open' });
    await started;
  }

  worker(index: number): FakeWorker {
    const worker = this.workers[index];
    if (!worker) throw new RangeError(`there are ${this.workers.length} workers`);
    return worker;
  }

  /** Somebody comes; resolves when his connection was dealt out. */
  async visit(): Promise<Socket> {
    const before = this.handed();
    const socket = connect(this.pool.httpsPort, '127.0.0.1');
    await eventually(() => expect(this.handed()).toBe(before + 1));
    return socket;
  }

  handed(): number {
    return this.workers.flatMap((worker) => worker.handed()).length;
  }

  /** Ends a worker, and waits for the one in its place. */
  async replace(index: number): Promise<FakeWorker> {
    const count = this.workers.length;
    this.worker(index).exit('SIGKILL');
    await eventually(() => expect(this.logger.at('warn').length).toBe(count - 1));
    await this.clock.advance(Number(this.logger.at('warn').at(-1)?.fields.retryMs));
    await eventually(() => expect(this.workers.length).toBe(count + 1));
    return this.worker(count);
  }

  async end(): Promise<void> {
    this.stop.abort();
    for (const worker of this.workers) {
      for (const socket of worker.sockets) socket.destroy();
      worker.exit('exit code 0');
    }
    await this.pool.ended;
  }

  #fork(): FakeWorker {
    const worker = new FakeWorker();
    this.workers.push(worker);
    return worker;
  }
}
