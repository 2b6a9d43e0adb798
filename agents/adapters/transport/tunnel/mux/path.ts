/** What a path takes by itself is measured anew this often, in milliseconds: routes change, and clocks are set. */
const BASE_AGE_MS = 10_000;

/** How long a probe took. */
export interface Sample {
  /** When it was answered. */
  at: number;
  roundTripMs: number;
  /** The way there. It contains the difference of two clocks: only differences of it mean something, modulo 2^32. */
  oneWayMs: number;
}

/** What the path to the other side takes by itself: the shortest that was seen lately. */
export class Path {
  #base: Sample | undefined;

  /** 0 until measured. */
  get roundTripMs(): number {
    return this.#base?.roundTripMs ?? 0;
  }

  /** @param isLight So little was under way that nothing of ours queued: the sample counts whatever was seen before. */
  note(sample: Sample, isLight: boolean): void {
    const base = this.#base;
    if (!base || (isLight && this.isStale(sample.at))) this.#base = sample;
    else {
      base.roundTripMs = Math.min(base.roundTripMs, sample.roundTripMs);
      if (this.queueMs(sample) > 0) return;
      base.oneWayMs = sample.oneWayMs;
      base.at = sample.at;
    }
  }

  isStale(now: number): boolean {
    return this.#base !== undefined && now - this.#base.at > BASE_AGE_MS;
  }

  /** How long the probe queued on its way there. */
  queueMs({ oneWayMs }: Sample): number {
    return (oneWayMs - (this.#base?.oneWayMs ?? oneWayMs)) | 0;
  }
}
