import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { protocolError } from './errors.ts';

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

/**
 * Probes per flight: what a pong lets go at once queues too, which must not look like a full path. At least so
 * much between two: less than what a TCP that just begins sends at once (14 KiB); at most what takes 5 ms
 * at 100 Mbit/s.
 */
const PROBES_PER_FLIGHT = 32;
const MIN_PROBE_BYTES = 8 * KiB;
const MAX_PROBE_BYTES = 64 * KiB;

/** Weight of the latest in the smoothed round trip. */
const SMOOTHING = 1 / 8;

/** What the path itself takes is measured anew this often, in milliseconds: routes change, and clocks are set. */
const BASE_AGE_MS = 10_000;

/** A flight so much smaller than the limit queues nowhere: it takes what the path itself takes. */
const LIGHT = 1 / 4;

/** A flight of that part of the limit is held back by it: some probe is sent beyond. */
const FULL = 7 / 8;

/** A round takes a round trip, and long enough to be measured by a clock of milliseconds. */
const MIN_ROUND_MS = 5;

/** Per round, where more has queued before. */
const CAUTIOUS_GROWTH = 9 / 8;

interface Base {
  /** The way there. It contains the difference of two clocks: only differences of it mean something. */
  oneWayMs: number;
  roundTripMs: number;
  seenAt: number;
}

interface Probe {
  sequence: number;
  sentAt: number;
  /** All bytes sent before it. */
  sentBytes: number;
  /** Those of them that had not arrived for all we knew. */
  flightBytes: number;
  /** The limit held back more, or nearly so. */
  isFull: boolean;
}

/** What the pongs of one round trip say together. */
interface Round {
  startedAt: number;
  startBytes: number;
  /** It ends with the pong to this ping. */
  lastSequence: number;
  /** The least that bytes queued, and the round trip of those. */
  queueMs: number;
  roundTripMs: number;
  isFull: boolean;
}

/**
 * Bounds the bytes under way, so that they are as many as the path carries and hardly more. Pings between
 * the bytes measure it: a pong says that all before it has arrived, and when. The limit doubles each round
 * until bytes queue; from then on it is what the path moves in a round trip without that queue, and in
 * {@link QUEUE_MS} more. Only the way there counts: what queues on the way back is the other side's affair.
 */
export class Flight {
  readonly #clock: Clock;
  readonly #probes: Probe[] = [];
  #limit = START_BYTES;
  /** How far the limit may double: what the path carried when last seen. */
  #threshold = MAX_BYTES;
  #isGrowing = true;
  /** In the last round the limit held something back. */
  #wasFull = false;
  /** The flight is kept light until what the path itself takes has been measured anew. */
  #isDraining = false;
  #sentBytes = 0;
  #arrivedBytes = 0;
  #probedBytes = 0;
  #sequence = 0;
  /** Smoothed over the last few, in milliseconds; 0 until measured. */
  #roundTripMs = 0;
  /** What the path itself takes: the shortest that was seen. */
  #base: Base | undefined;
  #round: Round;
  #tokens = 0;
  #tokensAt = 0;

  constructor(components: { clock: Clock }) {
    this.#clock = components.clock;
    this.#round = this.#newRound();
  }

  get roundTripMs(): number {
    return this.#roundTripMs;
  }

  /** Whether a frame may be sent now. */
  get isOpen(): boolean {
    return !this.isFull && this.#hasTokens;
  }

  /** Nothing may be sent until a pong comes. */
  get isFull(): boolean {
    return this.#sentBytes - this.#arrivedBytes >= this.#limit;
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#tokens -= bytes;
  }

  /** Whether a ping is due behind what was sent; always so when only a pong can make room. */
  get wantsProbe(): boolean {
    const unprobed = this.#sentBytes - this.#probedBytes;
    const share = this.#limit / PROBES_PER_FLIGHT;
    const spacing = Math.min(MAX_PROBE_BYTES, Math.max(MIN_PROBE_BYTES, share));
    return unprobed >= spacing || (unprobed > 0 && this.isFull && this.#probes.length === 0);
  }

  /** A ping with the number that this answers is put behind all that was sent. */
  probe(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#probedBytes = this.#sentBytes;
    const [sentAt, sentBytes] = [this.#clock.now(), this.#sentBytes];
    const flightBytes = sentBytes - this.#arrivedBytes;
    const isFull = flightBytes >= this.#limit * FULL;
    this.#probes.push({ sequence: this.#sequence, sentAt, sentBytes, flightBytes, isFull });
    return this.#sequence;
  }

  /** A pong came. @param arrivedAt On the other side's clock, modulo 2^32. @throws ProtocolError when it answers no ping. */
  answered(sequence: number, arrivedAt: number): void {
    const index = this.#probes.findIndex((probe) => probe.sequence === sequence);
    const probe = this.#probes[index];
    if (!probe) throw protocolError('it answered a ping that was not sent');
    this.#probes.splice(0, index + 1);
    const arrivedBytes = probe.sentBytes - this.#arrivedBytes;
    this.#arrivedBytes = probe.sentBytes;
    // A clock may be set back.
    const roundTripMs = Math.max(0, this.#clock.now() - probe.sentAt);
    this.#roundTripMs += (roundTripMs - this.#roundTripMs) * (this.#base ? SMOOTHING : 1);
    const oneWayMs = (arrivedAt - probe.sentAt) | 0;
    const base = this.#noteBase({ oneWayMs, roundTripMs, seenAt: this.#clock.now() }, probe);
    const queueMs = (oneWayMs - base.oneWayMs) | 0;
    if (!this.#isDraining) this.#steer({ roundTripMs, queueMs }, probe, arrivedBytes);
  }

  #noteBase(seen: Base, { flightBytes }: Probe): Base {
    const base = (this.#base ??= seen);
    base.roundTripMs = Math.min(base.roundTripMs, seen.roundTripMs);
    const isStale = seen.seenAt - base.seenAt > BASE_AGE_MS;
    const isLight = flightBytes <= this.#limit * (this.#isDraining ? 1 : LIGHT);
    if (isLight && (isStale || this.#isDraining)) {
      this.#base = seen;
      this.#isDraining = false;
    } else if (((seen.oneWayMs - base.oneWayMs) | 0) <= 0)
      this.#base = { ...seen, roundTripMs: base.roundTripMs };
    else if (isStale && !this.#isDraining) {
      // Lets the queue run empty: whatever is measured meanwhile is our own bytes in it.
      this.#isDraining = true;
      this.#restart(this.#limit * LIGHT);
    }
    return this.#base;
  }

  #steer(seen: { roundTripMs: number; queueMs: number }, probe: Probe, arrivedBytes: number): void {
    const { sequence, flightBytes, isFull } = probe;
    if (seen.queueMs >= 3 * QUEUE_MS) this.#isGrowing = false;
    if (this.#isGrowing && this.#wasFull)
      this.#setLimit(Math.min(this.#limit + arrivedBytes, this.#threshold));
    // After a silence nobody knows what the path still carries: it is asked step by step, not by a large burst.
    if (flightBytes < MIN_PROBE_BYTES && this.#limit > START_BYTES) this.#restart(START_BYTES);
    const round = this.#round;
    // A burst queues too, on any link. Only what even the luckiest probe of a round met is a queue that stands.
    if (seen.queueMs < round.queueMs) Object.assign(round, seen);
    round.isFull ||= isFull;
    const isLast = ((sequence - round.lastSequence) | 0) >= 0;
    if (isLast && this.#clock.now() - round.startedAt >= Math.max(MIN_ROUND_MS, this.#roundTripMs)) {
      this.#endRound(round);
      this.#round = this.#newRound();
    }
  }

  #endRound({ queueMs, roundTripMs, startedAt, startBytes, isFull }: Round): void {
    this.#wasFull = isFull;
    // What was not tried says nothing about what is possible.
    if (!isFull) return;
    const isQueueing = queueMs >= QUEUE_MS / 2;
    this.#isGrowing &&= !isQueueing && this.#limit < this.#threshold;
    // While bytes queue, what arrives is all that the path can carry.
    const bytesPerMs = (this.#arrivedBytes - startBytes) / (this.#clock.now() - startedAt);
    if (isQueueing) this.#setLimit(bytesPerMs * (this.#neededMs(roundTripMs - queueMs) + QUEUE_MS));
    else if (!this.#isGrowing) this.#setLimit(this.#limit * CAUTIOUS_GROWTH);
  }

  /** What queues on the way back must be waited for; but not more than either side allows itself, or both would grow. */
  #neededMs(roundTripMs: number): number {
    return Math.min(roundTripMs, (this.#base?.roundTripMs ?? roundTripMs) + QUEUE_MS);
  }

  /** Pongs come in bunches where the way back is busy; bytes that were let go in bunches would queue. */
  get #hasTokens(): boolean {
    if (this.#tokens > 0) return true;
    const now = this.#clock.now();
    const roundTripMs = this.#base?.roundTripMs ?? 0;
    if (roundTripMs < 5) return true;
    const bytesPerMs = ((this.#isGrowing ? 2 : 1.25) * this.#limit) / roundTripMs;
    this.#tokens = Math.min(bytesPerMs * 4, this.#tokens + bytesPerMs * (now - this.#tokensAt));
    this.#tokensAt = now;
    return this.#tokens > 0;
  }

  #newRound(): Round {
    const [startedAt, startBytes] = [this.#clock.now(), this.#arrivedBytes];
    const [queueMs, roundTripMs] = [Number.POSITIVE_INFINITY, 0];
    return { startedAt, startBytes, lastSequence: this.#sequence, queueMs, roundTripMs, isFull: false };
  }

  #restart(limit: number): void {
    this.#threshold = this.#limit;
    this.#isGrowing = true;
    this.#setLimit(limit);
  }

  #setLimit(bytes: number): void {
    this.#limit = Math.round(Math.min(MAX_BYTES, Math.max(MIN_BYTES, bytes)));
  }
}
