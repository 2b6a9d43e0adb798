import { formatKey, type ObjectKey } from '../../api/meta/object.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { ended, unlessAborted } from '../core/abort.ts';
import type { Trigger } from '../core/source.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type ImageInfo, type PullProgress, type Runtime, RuntimeError } from '../ports/runtime.ts';
import { Failures } from './failures.ts';
import type { ImageState } from './observed.ts';
import type { PullPolicy } from './pull-policy.ts';
import { Semaphore } from './semaphore.ts';
import { withTimeout } from './timeout.ts';

export interface ImageRequest {
  /** The Deployment that needs it. It can wait for one image at a time. */
  key: ObjectKey<'Deployment'>;
  /** Hash of its template: another template does not wait for the back-off of this one. */
  revision: string;
  image: string;
  policy: PullPolicy;
}

interface Entry {
  image: string;
  /** By key. */
  waiters: Map<string, ImageRequest>;
  /** Looking: asking the runtime whether the image is here already. */
  phase: 'Idle' | 'Looking' | 'Queued' | 'Pulling';
  progress?: PullProgress;
  found?: { imageID: string; at: number; pulledMs?: number };
  /** Who has been told of the last failure: `<key> <revision>`. */
  told: Set<string>;
  controller: AbortController;
  /** Cancels a notification that is due. */
  due?: () => void;
}

interface Components {
  runtime: Pick<Runtime, 'image' | 'pull'>;
  trigger: Trigger<'Deployment'>;
  clock: Clock;
  logger: Logger;
}

/** How long an answer counts, in milliseconds: the replicas of one update share it, a restart tomorrow does not. */
const FRESH_MS = 30_000;

/** A status is written at most this often while bytes arrive, in milliseconds. */
const PROGRESS_MS = 1_000;

/** Longer than any runtime's own deadline, in milliseconds. */
const LOOK_TIMEOUT_MS = 45_000;

/** Docker's own default for layers of one image; more at a time only share the same line. */
const CONCURRENCY = 3;

/** Gets images beside the workers, so that one slow pull delays nobody. Each image is pulled once for all who wait for it. */
export class Puller {
  readonly #runtime: Components['runtime'];
  readonly #trigger: Trigger<'Deployment'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #failures: Failures<string>;
  readonly #places: Semaphore;

  constructor(components: Components, init: { concurrency?: number } = {}) {
    this.#runtime = components.runtime;
    this.#trigger = components.trigger;
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#failures = new Failures(components, { reason: Reason.ImagePullFailed });
    this.#places = new Semaphore(init.concurrency ?? CONCURRENCY);
  }

  /** Pulls until the signal ends, then gives up what is under way. */
  async start(signal: AbortSignal): Promise<void> {
    await ended(signal);
    for (const entry of this.#entries.values()) this.#abandon(entry);
  }

  /** Answers from memory. */
  state(request: ImageRequest): ImageState {
    const entry = this.#entries.get(request.image);
    if (!entry) return { state: 'Unknown' };
    const imageID = this.#fresh(entry, request.policy);
    if (imageID !== undefined) return { state: 'Present', imageID, pulledMs: entry.found?.pulledMs };
    if (entry.waiters.get(formatKey(request.key))?.revision !== request.revision) return { state: 'Unknown' };
    if (entry.phase !== 'Idle') return { state: entry.phase, progress: entry.progress };
    const failure = this.#failures.get(request.image);
    return failure && entry.told.has(waiterID(request))
      ? { state: 'Failed', ...failure }
      : { state: 'Unknown' };
  }

  /** Sees to it that the image will be here; the Deployment is looked at again when something is known. */
  ensure(request: ImageRequest): void {
    const entry = this.#entry(request.image);
    this.#release(request.key, entry);
    entry.waiters.set(formatKey(request.key), request);
    // Never rejects, and needs nobody to wait for it.
    if (entry.phase === 'Idle') void this.#get(entry, request.policy);
  }

  /** The Deployment waits for no image any more. A pull that nobody waits for is given up. */
  release(key: ObjectKey<'Deployment'>): void {
    this.#release(key, undefined);
  }

  #release(key: ObjectKey<'Deployment'>, except: Entry | undefined): void {
    for (const entry of this.#entries.values()) {
      if (entry === except || !entry.waiters.delete(formatKey(key))) continue;
      if (entry.waiters.size === 0) this.#abandon(entry);
    }
  }

  #entry(image: string): Entry {
    const entry = this.#entries.get(image) ?? {
      image,
      waiters: new Map(),
      phase: 'Idle',
      told: new Set(),
      controller: new AbortController(),
    };
    this.#entries.set(image, entry);
    return entry;
  }

  #abandon(entry: Entry): void {
    this.#entries.delete(entry.image);
    this.#failures.delete(entry.image);
    entry.due?.();
    entry.controller.abort(new Error('nobody waits for this image any more'));
  }

  #fresh({ found }: Entry, policy: PullPolicy): string | undefined {
    if (!found || this.#clock.now() - found.at >= FRESH_MS) return undefined;
    return policy === 'Always' && found.pulledMs === undefined ? undefined : found.imageID;
  }

  async #get(entry: Entry, policy: PullPolicy): Promise<void> {
    try {
      entry.found = await this.#find(entry, policy);
      this.#failures.delete(entry.image);
    } catch (error) {
      if (!entry.controller.signal.aborted) this.#failed(entry, error);
    } finally {
      entry.phase = 'Idle';
      entry.progress = undefined;
      this.#notify(entry);
    }
  }

  async #find(entry: Entry, policy: PullPolicy): Promise<Entry['found']> {
    entry.phase = 'Looking';
    const local = policy === 'Always' ? undefined : await this.#local(entry.image);
    if (local) return { imageID: local.id, at: this.#clock.now() };
    if (policy === 'Never') throw neverPulled(entry.image);
    entry.phase = 'Queued';
    const giveBack = await this.#places.acquire(entry.controller.signal);
    try {
      const startedAt = this.#clock.now();
      const { id } = await this.#pull(entry);
      const now = this.#clock.now();
      return { imageID: id, at: now, pulledMs: now - startedAt };
    } finally {
      giveBack();
    }
  }

  async #pull(entry: Entry): Promise<ImageInfo> {
    const { image, controller } = entry;
    entry.phase = 'Pulling';
    this.#notify(entry);
    const onProgress = (progress: PullProgress) => {
      entry.progress = progress;
      entry.due ??= this.#clock.after(PROGRESS_MS, () => this.#notify(entry));
    };
    const pulled = this.#runtime.pull(image, { onProgress, signal: controller.signal });
    const info = await unlessAborted(pulled, controller.signal);
    this.#logger.info('Pulled image', { image, digest: info.digest, bytes: info.sizeBytes });
    return info;
  }

  #local(image: string): Promise<ImageInfo | undefined> {
    const message = `the container runtime did not answer within ${LOOK_TIMEOUT_MS / 1000} s`;
    return withTimeout(this.#clock, this.#runtime.image(image), LOOK_TIMEOUT_MS, () => {
      return new RuntimeError(Reason.RuntimeUnavailable, message);
    });
  }

  #failed(entry: Entry, error: unknown): void {
    const { retryAt } = this.#failures.add(entry.image, error);
    entry.told = new Set([...entry.waiters.values()].map(waiterID));
    this.#logger.warn('Image could not be had', { image: entry.image, error, retryAt });
  }

  #notify(entry: Entry): void {
    entry.due?.();
    entry.due = undefined;
    for (const { key } of entry.waiters.values()) this.#trigger.enqueue(key);
  }
}

function waiterID({ key, revision }: ImageRequest): string {
  return `${formatKey(key)} ${revision}`;
}

function neverPulled(image: string): RuntimeError {
  const message = `${image} is not on this machine and imagePullPolicy is Never; load it there or set IfNotPresent`;
  return new RuntimeError(Reason.ImageNeverPull, message, { terminal: true });
}
