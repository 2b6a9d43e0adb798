import { createHash } from 'node:crypto';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { sleep } from '../../controllers/core/abort.ts';
import type { Clock } from '../../controllers/ports/clock.ts';
import { type ImageInfo, type PullOptions, RuntimeError } from '../../controllers/ports/runtime.ts';

export interface RegistryImage {
  /** How long a pull takes, in milliseconds. Default: 0. */
  pullMs?: number;
  sizeBytes?: number;
  /** Pulls fail with this. */
  failure?: RuntimeError;
}

/** Progress is reported so often during a pull. */
const STEPS = 10;

/** What a registry offers and what is on this machine. */
export class FakeImages {
  readonly #clock: Clock;
  readonly #registry = new Map<string, RegistryImage>();
  readonly #local = new Map<string, ImageInfo>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** Makes the registry offer an image. */
  offer(reference: string, image: RegistryImage = {}): void {
    this.#registry.set(reference, image);
  }

  /** Puts an image on this machine. */
  load(reference: string): ImageInfo {
    const hash = createHash('sha256').update(reference).digest('hex');
    const info = { id: `sha256:${hash}`, sizeBytes: 1_000_000 };
    this.#local.set(reference, info);
    return info;
  }

  /** Takes an image off this machine. */
  unload(reference: string): void {
    this.#local.delete(reference);
  }

  find(reference: string): ImageInfo | undefined {
    return this.#local.get(reference);
  }

  byID(id: string): ImageInfo | undefined {
    return [...this.#local.values()].find((info) => info.id === id);
  }

  async pull(reference: string, { signal, onProgress }: PullOptions): Promise<ImageInfo> {
    signal.throwIfAborted();
    const {
      pullMs = 0,
      sizeBytes = 1_000_000,
      failure,
    } = this.#registry.get(reference) ?? notFound(reference);
    for (let step = 1; step <= STEPS && pullMs > 0; step++) {
      await sleep(this.#clock, pullMs / STEPS, signal);
      signal.throwIfAborted();
      if (!failure) onProgress?.({ currentBytes: (sizeBytes * step) / STEPS, totalBytes: sizeBytes });
    }
    signal.throwIfAborted();
    if (failure) throw failure;
    const { id } = this.load(reference);
    const info = { id, digest: `${reference.split(/[:@](?!.*\/)/)[0]}@${id}`, sizeBytes };
    this.#local.set(reference, info);
    return info;
  }
}

function notFound(reference: string): RegistryImage {
  const message = `${reference} was not found in its registry; check its name and tag`;
  return { failure: new RuntimeError(Reason.ImagePullFailed, message) };
}
