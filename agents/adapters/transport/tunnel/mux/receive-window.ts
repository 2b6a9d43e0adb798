import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { protocolError } from './errors.ts';
import { EARLY_BYTES } from './frames.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** 5 MB/s at a round trip of 50 ms, without having measured anything. */
const START_BYTES = 256 * 1024;

/** Credit is given when this part of the window is free again: seldom, but before the sender has run out. */
const GRANT = 1 / 4;

/** A window used up within so many round trips is what holds the sender back. */
const FAST_ROUND_TRIPS = 2;

/** A round trip within one machine counts as this, in milliseconds. */
const MIN_ROUND_TRIP_MS = 1;

interface Components {
  clock: Clock;
  /** Of the connection. */
  budget: MemoryBudget;
}

/**
 * What a stream may send us: at no time more than the window is unread or under way. It begins small enough
 * for many, and doubles while the path and the reader take more than it lets through.
 */
export class ReceiveWindow {
  readonly #clock: Clock;
  readonly #budget: MemoryBudget;
  readonly #maxBytes: number;
  #size: number;
  /** What the other side may still send. */
  #credit = EARLY_BYTES;
  #markedAt: number;
  #grantedSinceMark: number;

  constructor(components: Components, init: { maxBytes: number }) {
    this.#clock = components.clock;
    this.#budget = components.budget;
    this.#maxBytes = init.maxBytes;
    this.#size = EARLY_BYTES + this.#budget.take(Math.min(START_BYTES, this.#maxBytes) - EARLY_BYTES);
    this.#markedAt = this.#clock.now();
    // The first credit says nothing about how fast anything is read.
    this.#grantedSinceMark = EARLY_BYTES - this.#size;
  }

  /** Bytes came. @throws ProtocolError when there was no credit for them. */
  received(bytes: number): void {
    this.#credit -= bytes;
    if (this.#credit < 0) throw protocolError('it sent more than it had credit for');
  }

  /** The credit to give now, often none; it counts as given. @param unread Bytes that wait for the reader. */
  grant(unread: number, roundTripMs: number): number {
    const free = this.#size - unread - this.#credit;
    if (free < this.#size * GRANT) return 0;
    this.#grantedSinceMark += free;
    const more = this.#grantedSinceMark < this.#size ? 0 : this.#grow(roundTripMs);
    this.#credit += free + more;
    return free + more;
  }

  /** The stream is over: its memory is others'. */
  release(): void {
    this.#budget.give(this.#size - EARLY_BYTES);
    this.#size = EARLY_BYTES;
  }

  #grow(roundTripMs: number): number {
    const now = this.#clock.now();
    const fast = now - this.#markedAt <= FAST_ROUND_TRIPS * Math.max(MIN_ROUND_TRIP_MS, roundTripMs);
    this.#markedAt = now;
    this.#grantedSinceMark = 0;
    const more = fast ? this.#budget.take(Math.min(this.#size, this.#maxBytes - this.#size)) : 0;
    this.#size += more;
    return more;
  }
}
