import { formatKey, type ObjectKey } from '../../api/meta/object.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { ended } from '../core/abort.ts';
import { Semaphore } from '../core/semaphore.ts';
import type { Trigger } from '../core/source.ts';
import { Failures } from './failures.ts';
import { type FetchComponents, ImageFetch } from './image-fetch.ts';
import type { ImageState } from './observed.ts';
import type { PullPolicy } from './pull-policy.ts';

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
  fetch: ImageFetch;
  /** By key. */
  waiters: Map<string, ImageRequest>;
  /** Who has been told of the last failure: `<key> <revision>`. */
  told: Set<string>;
  /** Cancels telling the waiters, where that is due. */
  cancel?: () => void;
}

type Components = Omit<FetchComponents, 'places'> & { trigger: Trigger<'Deployment'> };

/** A status is written at most this often while bytes arrive, in milliseconds. */
const PROGRESS_MS = 1_000;

/** Docker's own default for layers of one image; more at a time only share the same line. */
const CONCURRENCY = 3;

/** Gets images beside the workers, so that one slow pull delays nobody. Each image is pulled once for all who wait for it. */
export class Puller {
  readonly #components: FetchComponents;
  readonly #trigger: Trigger<'Deployment'>;
  readonly #entries = new Map<string, Entry>();
  readonly #failures: Failures<string>;

  constructor(components: Components, init: { concurrency?: number } = {}) {
    this.#components = { ...components, places: new Semaphore(init.concurrency ?? CONCURRENCY) };
    this.#trigger = components.trigger;
    this.#failures = new Failures(components, { reason: Reason.ImagePullFailed });
  }

  /** Pulls until the signal ends, then gives up what is under way. */
  async start(signal: AbortSignal): Promise<void> {
    await ended(signal);
    for (const entry of this.#entries.values()) this.#abandon(entry);
  }

  /** Answers from memory. */
  state(request: ImageRequest): ImageState {
    const entry = this.#entries.get(request.image);
    const found = entry?.fetch.fresh(request.policy);
    if (found) return { state: 'Present', imageID: found.imageID, pulledMs: found.pulledMs };
    if (entry?.waiters.get(formatKey(request.key))?.revision !== request.revision)
      return { state: 'Unknown' };
    const { phase, progress } = entry.fetch;
    if (phase !== 'Idle') return { state: phase, progress };
    const failure = entry.told.has(waiterID(request)) ? this.#failures.get(request.image) : undefined;
    return failure ? { state: 'Failed', ...failure } : { state: 'Unknown' };
  }

  /** Sees to it that the image will be here; the Deployment is looked at again when something is known. */
  ensure(request: ImageRequest): void {
    const entry = this.#entries.get(request.image) ?? this.#open(request.image);
    this.#release(request.key, entry);
    entry.waiters.set(formatKey(request.key), request);
    // Never rejects, and needs nobody to wait for it.
    if (entry.fetch.phase === 'Idle') void this.#get(entry, request.policy);
  }

  /** The Deployment waits for no image any more. A pull that nobody waits for is given up. */
  release(key: ObjectKey<'Deployment'>): void {
    this.#release(key);
  }

  #release(key: ObjectKey<'Deployment'>, except?: Entry): void {
    for (const entry of this.#entries.values()) {
      if (entry === except || !entry.waiters.delete(formatKey(key))) continue;
      if (entry.waiters.size === 0) this.#abandon(entry);
    }
  }

  #open(image: string): Entry {
    const changed = () => this.#tellSoon(entry);
    const fetch = new ImageFetch(this.#components, { image, changed });
    const entry: Entry = { image, fetch, waiters: new Map(), told: new Set() };
    this.#entries.set(image, entry);
    return entry;
  }

  #abandon(entry: Entry): void {
    this.#entries.delete(entry.image);
    this.#failures.delete(entry.image);
    entry.cancel?.();
    entry.fetch.giveUp();
  }

  async #get(entry: Entry, policy: PullPolicy): Promise<void> {
    try {
      await entry.fetch.get(policy);
      this.#failures.delete(entry.image);
    } catch (error) {
      if (!entry.fetch.isGivenUp) this.#failed(entry, error);
    }
    this.#tell(entry);
  }

  #failed(entry: Entry, error: unknown): void {
    const { retryAt } = this.#failures.add(entry.image, error);
    entry.told = new Set([...entry.waiters.values()].map(waiterID));
    this.#components.logger.warn('Image could not be had', { image: entry.image, error, retryAt });
  }

  #tellSoon(entry: Entry): void {
    entry.cancel ??= this.#components.clock.after(PROGRESS_MS, () => this.#tell(entry));
  }

  #tell(entry: Entry): void {
    entry.cancel?.();
    entry.cancel = undefined;
    for (const { key } of entry.waiters.values()) this.#trigger.enqueue(key);
  }
}

function waiterID({ key, revision }: ImageRequest): string {
  return `${formatKey(key)} ${revision}`;
}
