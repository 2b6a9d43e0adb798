import { Reason } from '../../api/v1alpha1/reasons.ts';
import { unlessAborted } from '../core/abort.ts';
import type { Semaphore } from '../core/semaphore.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type ImageInfo, type PullProgress, type Runtime, RuntimeError } from '../ports/runtime.ts';
import type { PullPolicy } from './pull-policy.ts';
import { withTimeout } from './timeout.ts';

export interface FetchComponents {
  runtime: Pick<Runtime, 'image' | 'pull'>;
  /** Places for pulls: so many at a time. */
  places: Semaphore;
  clock: Clock;
  logger: Logger;
}

interface Found {
  imageID: string;
  at: number;
  /** How long the pull took, where there was one. */
  pulledMs?: number;
}

/** How long an answer counts, in milliseconds: the replicas of one update share it, a restart tomorrow does not. */
const FRESH_MS = 30_000;

/** Longer than any runtime's own deadline, in milliseconds. */
const LOOK_TIMEOUT_MS = 45_000;

/** Gets one image: from this machine, or else from its registry. */
export class ImageFetch {
  /** Looking: asking the runtime whether the image is here already. */
  phase: 'Idle' | 'Looking' | 'Queued' | 'Pulling' = 'Idle';
  progress: PullProgress | undefined;
  readonly #components: FetchComponents;
  readonly #image: string;
  /** Phase or progress have changed. */
  readonly #changed: () => void;
  readonly #controller = new AbortController();
  #found: Found | undefined;

  constructor(components: FetchComponents, init: { image: string; changed: () => void }) {
    this.#components = components;
    this.#image = init.image;
    this.#changed = init.changed;
  }

  /** What was found lately, and counts for this policy. */
  fresh(policy: PullPolicy): Found | undefined {
    const found = this.#found;
    if (!found || this.#components.clock.now() - found.at >= FRESH_MS) return undefined;
    return policy === 'Always' && found.pulledMs === undefined ? undefined : found;
  }

  /** Resolves when it is {@link fresh}. @throws RuntimeError, or whatever it was given up with. */
  async get(policy: PullPolicy): Promise<void> {
    try {
      this.#found = await this.#find(policy);
    } finally {
      this.phase = 'Idle';
      this.progress = undefined;
    }
  }

  giveUp(): void {
    this.#controller.abort(new Error('nobody waits for this image any more'));
  }

  get isGivenUp(): boolean {
    return this.#controller.signal.aborted;
  }

  async #find(policy: PullPolicy): Promise<Found> {
    const { clock, places } = this.#components;
    this.phase = 'Looking';
    const local = policy === 'Always' ? undefined : await this.#local();
    if (local) return { imageID: local.id, at: clock.now() };
    if (policy === 'Never') throw neverPulled(this.#image);
    this.phase = 'Queued';
    const giveBack = await places.acquire(this.#controller.signal);
    const startedAt = clock.now();
    const { id } = await this.#pull().finally(giveBack);
    return { imageID: id, at: clock.now(), pulledMs: clock.now() - startedAt };
  }

  #local(): Promise<ImageInfo | undefined> {
    const { runtime, clock } = this.#components;
    const message = `the container runtime did not answer within ${LOOK_TIMEOUT_MS / 1000} s`;
    const overdue = () => new RuntimeError(Reason.RuntimeUnavailable, message);
    return withTimeout(clock, runtime.image(this.#image), LOOK_TIMEOUT_MS, overdue);
  }

  async #pull(): Promise<ImageInfo> {
    const { runtime, logger } = this.#components;
    const { signal } = this.#controller;
    this.phase = 'Pulling';
    this.#changed();
    const onProgress = (progress: PullProgress) => {
      this.progress = progress;
      this.#changed();
    };
    const info = await unlessAborted(runtime.pull(this.#image, { onProgress, signal }), signal);
    logger.info('Pulled image', { image: this.#image, digest: info.digest, bytes: info.sizeBytes });
    return info;
  }
}

function neverPulled(image: string): RuntimeError {
  const message = `${image} is not on this machine and imagePullPolicy is Never; load it there or set IfNotPresent`;
  return new RuntimeError(Reason.ImageNeverPull, message, { terminal: true });
}
