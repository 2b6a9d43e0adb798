import type { Path, Sample } from './path.ts';

const KiB = 1024;

/**
 * How long our own bytes may queue in kernels and routers, in milliseconds. A connection carries bulk and
 * interactive streams alike, and what is queued there delays all of them; what waits with us, only its own.
 */
const QUEUE_MS = 10;

/** Two frames: enough to move on a link of any speed. */
const MIN_BYTES = 32 * KiB;
/** What TCP itself sends in its third round trip; 5 ms of a link of 100 Mbit/s. */
const START_BYTES = 64 * KiB;
/** 1 Gbit/s at a round trip of 128 ms. */
const MAX_BYTES = 16 * 1024 * KiB;

/** A flight so much smaller than the limit queues nowhere: it takes what the path itself takes. */
const LIGHT = 1 / 4;

/** A flight of that part of the limit is held back by it: some probe is sent beyond. */
const FULL = 7 / 8;

/** Per round, where more has queued before. */
const CAUTIOUS_GROWTH = 9 / 8;

/** A round takes a round trip, and long enough to be measured by a clock of milliseconds. */
const MIN_ROUND_MS = 5;

/** What a pong says. */
export interface Report extends Sample {
  sentAt: number;
  /** What was under way when the probe was sent. */
  flightBytes: number;
  /** Of all that was ever sent. */
  arrivedBytes: number;
}

/** What the pongs of one round trip say together. */
interface Round {
  startedAt: number;
  startBytes: number;
  /** The least that any of them queued, and the round trip of that one. */
  queueMs: number;
  roundTripMs: number;
  /** The limit held something back. */
  isFull: boolean;
}

/**
 * How many bytes may be under way: as many as the path carries, and hardly more. It doubles each round until
 * bytes queue; from then on it is what the path moves in a round trip without that queue, and in {@link QUEUE_MS}
 * more. Only the way there counts: what queues on the way back is the other side's affair.
 */
export class FlightLimit {
  readonly #path: Path;
  #bytes = START_BYTES;
  /** How far it may double: what the path carried when last seen. */
  #threshold = MAX_BYTES;
  #isGrowing = true;
  /** The flight is kept light until what the path itself takes has been measured anew. */
  #isDraining = false;
  #arrivedBytes = 0;
  #round: Round | undefined;
  #wasFull = false;

  constructor(components: { path: Path }) {
    this.#path = components.path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** It does not know yet how much more it could be. */
  get isGrowing(): boolean {
    return this.#isGrowing;
  }

  learn(report: Report): void {
    const isLight = report.flightBytes <= this.#bytes * (this.#isDraining ? 1 : LIGHT);
    this.#path.note(report, isLight);
    const isStale = this.#path.isStale(report.at);
    if (isStale && !this.#isDraining) this.#drain();
    this.#isDraining = isStale;
    if (!this.#isDraining) this.#steer(report);
    this.#arrivedBytes = report.arrivedBytes;
  }

  #steer(report: Report): void {
    const queueMs = this.#path.queueMs(report);
    if (queueMs > 3 * QUEUE_MS) this.#isGrowing = false;
    if (this.#isGrowing && this.#wasFull)
      this.#set(Math.min(this.#bytes + report.arrivedBytes - this.#arrivedBytes, this.#threshold));
    this.#round ??= newRound(report);
    const round = this.#round;
    round.isFull ||= report.flightBytes >= this.#bytes * FULL;
    // A burst queues too, on any link. Only what even the luckiest probe of a round met is a queue that stands.
    if (queueMs < round.queueMs) Object.assign(round, { queueMs, roundTripMs: report.roundTripMs });
    if (report.sentAt < round.startedAt || report.at - round.startedAt < MIN_ROUND_MS) return;
    this.#end(round, report);
    this.#round = newRound(report);
  }

  #end({ queueMs, roundTripMs, startedAt, startBytes, isFull }: Round, { at, arrivedBytes }: Report): void {
    this.#wasFull = isFull;
    // What was not tried says nothing about what is possible.
    if (!isFull) return;
    const isQueueing = queueMs >= QUEUE_MS / 2;
    this.#isGrowing &&= !isQueueing && this.#bytes < this.#threshold;
    // While bytes queue, what arrives is all that the path can carry.
    const bytesPerMs = (arrivedBytes - startBytes) / (at - startedAt);
    if (isQueueing) this.#set(bytesPerMs * (this.#toCover(roundTripMs - queueMs) + QUEUE_MS));
    else if (!this.#isGrowing) this.#set(this.#bytes * CAUTIOUS_GROWTH);
  }

  /** What queues on the way back must be waited for, but not more than the other side allows itself: or both would grow. */
  #toCover(roundTripMs: number): number {
    return Math.min(roundTripMs, this.#path.roundTripMs + QUEUE_MS);
  }

  /** Lets the queue run empty: whatever is measured meanwhile is our own bytes in it. */
  #drain(): void {
    this.#threshold = this.#bytes;
    this.#isGrowing = true;
    this.#set(this.#bytes * LIGHT);
  }

  #set(bytes: number): void {
    this.#bytes = Math.round(Math.min(MAX_BYTES, Math.max(MIN_BYTES, bytes)));
  }
}

function newRound({ at, arrivedBytes }: Report): Round {
  const queueMs = Number.POSITIVE_INFINITY;
  return { startedAt: at, startBytes: arrivedBytes, queueMs, roundTripMs: 0, isFull: false };
}
