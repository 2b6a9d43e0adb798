import { randomBytes, randomUUID } from 'node:crypto';
import { container } from '../../api/v1alpha1/container.ts';
import {
  type RunRequest,
  type Runtime,
  type RuntimeContainer,
  RuntimeError,
} from '../../controllers/ports/runtime.ts';
import { until } from '../support/eventually.ts';

/** What the process of a container does. Each runtime has its own spec for it. */
export type Behaviour =
  /** Runs until it is told to stop, and then ends at once. */
  | 'sleeps'
  /** Runs until it is killed. */
  | 'ignoresTerm'
  | 'exitsWith3'
  /** Writes `one` to stdout, `oops` to stderr, `two` and `three` to stdout, in this order, and then sleeps. */
  | 'writes'
  /** The same, but exits 0 after it. */
  | 'writesAndExits'
  /** Listens on port 80: HTTP 200 for /, 404 for everything else. */
  | 'serves'
  | 'outgrowsMemory'
  /** There is nothing to execute. */
  | 'cannotStart';

export interface RuntimeFixture {
  runtime: Runtime;
  /** Another agent on the same machine. */
  neighbour: Runtime;
  /** Reference of an image that is there. */
  image: string;
  /** Reference of an image that is nowhere. */
  absentImage: string;
  /** Members of a container spec; `image` is added. */
  specs: Record<Behaviour, object>;
  /** What a person does behind our back. */
  byHand: Record<'kill' | 'remove' | 'pause', (name: string) => Promise<unknown>>;
  cleanUp(): Promise<void>;
}

/** A container on a busy machine may need a while; a test that fails should not need much longer. */
export const PATIENCE = { timeoutMs: 20_000, intervalMs: 20 };

/** The runtime under test, and words for what the tests do with it. */
export class RuntimeContext {
  #fixture: RuntimeFixture | undefined;
  #stop = new AbortController();

  /** Before the first test. */
  use(fixture: RuntimeFixture): void {
    this.#fixture = fixture;
  }

  get fixture(): RuntimeFixture {
    if (!this.#fixture) throw new Error('no test has begun yet');
    return this.#fixture;
  }

  get runtime(): Runtime {
    return this.fixture.runtime;
  }

  /** Of the present test. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  abort(reason?: Error): void {
    this.#stop.abort(reason);
  }

  /** Ends the test. */
  async tidyUp(): Promise<void> {
    this.abort();
    this.#stop = new AbortController();
    const left = await this.runtime.list();
    await Promise.all(left.map(({ name }) => this.runtime.remove(name, 0)));
    await this.runtime.prune();
  }

  async request(behaviour: Behaviour, overrides: Partial<RunRequest> = {}): Promise<RunRequest> {
    const { image, specs } = this.fixture;
    const spec = container.parse({ name: 'main', image, ...specs[behaviour] });
    const imageID = (await this.runtime.image(image))?.id ?? '';
    return { ...identity(), container: spec, imageID, ...overrides };
  }

  /** Runs it and answers its name. */
  async start(behaviour: Behaviour, overrides: Partial<RunRequest> = {}): Promise<string> {
    const wanted = await this.request(behaviour, overrides);
    await this.runtime.run(wanted, this.signal);
    return (await this.only(wanted)).name;
  }

  /** The one container of this identity. */
  async only(wanted: RunRequest): Promise<RuntimeContainer> {
    const found = (await this.runtime.list()).filter((item) => identityOf(item) === identityOf(wanted));
    expect(found).toHaveLength(1);
    return found[0] as RuntimeContainer;
  }

  async named(name: string): Promise<RuntimeContainer | undefined> {
    return (await this.runtime.list()).find((item) => item.name === name);
  }

  /** The container of this name, once it has ended. */
  exited(name: string): Promise<RuntimeContainer> {
    return until(async () => {
      const found = await this.named(name);
      return found?.state === 'Exited' ? found : undefined;
    }, PATIENCE);
  }
}

function identityOf({ uid, ordinal, attempt, owner, namespace }: RunRequest | RuntimeContainer): string {
  return JSON.stringify([uid, ordinal, attempt, owner, namespace]);
}

function identity(): Omit<RunRequest, 'container' | 'imageID'> {
  return {
    owner: '',
    uid: randomUUID(),
    namespace: 'default',
    deployment: 'web',
    ordinal: 0,
    templateHash: randomBytes(32).toString('hex'),
    attempt: 0,
    backoffLevel: 2,
    terminationGracePeriodSeconds: 5,
  };
}

export async function expectReason(work: Promise<unknown>, reason: string, mentioned: string): Promise<void> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error).toMatchObject({ reason, message: expect.stringContaining(mentioned) });
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
