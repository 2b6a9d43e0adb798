import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { protocolError } from './errors.ts';
import { FlightLimit } from './flight-limit.ts';
import { Pacer } from './pacer.ts';
import { Path } from './path.ts';

const KiB = 1024;

/**
 * Probes per flight: what a pong lets go at once queues too, which must not look like a full path. At least so
 * much between two: less than what a TCP that just begins sends at once (14 KiB); at most what takes 5 ms
 * at 100 Mbit/s.
 */
const PROBES_PER_FLIGHT = 32;
const MIN_PROBE_BYTES = 8 * KiB;
const MAX_PROBE_BYTES = 64 * KiB;

/** On a path shorter than this nothing is paced: it would cost timers, and a whole flight queues for no longer. */
const MIN_PACED_MS = 5;

/** How much faster than the flight needs bytes are let go: to find out whether more would go, and to keep up. */
const GROWING_PACE = 2;
const STEADY_PACE = 5 / 4;

/** Weight of the latest round trip in the smoothed one. */
const SMOOTHING = 1 / 8;

interface Probe {
  sequence: number;
  sentAt: number;
  /** All bytes sent before it. */
  sentBytes: number;
  /** Those of them that had not arrived for all we knew. */
  flightBytes: number;
}

/**
 * The bytes under way, and whether there may be more. Pings between them measure the path: a pong says that
 * all before it has arrived, and when.
 */
export class Flight {
  readonly #clock: Clock;
  readonly #path = new Path();
  readonly #limit = new FlightLimit({ path: this.#path });
  readonly #pacer: Pacer;
  readonly #probes: Probe[] = [];
  #sentBytes = 0;
  #arrivedBytes = 0;
  #probedBytes = 0;
  #sequence = 0;
  #roundTripMs: number | undefined;

  constructor(components: { clock: Clock }) {
    this.#clock = components.clock;
    this.#pacer = new Pacer(components);
  }

  /** Smoothed over the last few, queues included, in milliseconds; 0 until measured. */
  get roundTripMs(): number {
    return this.#roundTripMs ?? 0;
  }

  /** Nothing more may be sent until a pong comes. */
  get isFull(): boolean {
    return this.#flightBytes >= this.#limit.bytes;
  }

  /** It is not full, but the next frame must wait a little. Pongs come in bunches where the way back is busy. */
  get isPaced(): boolean {
    const roundTripMs = this.#path.roundTripMs;
    if (roundTripMs < MIN_PACED_MS) return false;
    const pace = this.#limit.isGrowing ? GROWING_PACE : STEADY_PACE;
    return !this.#pacer.allows((pace * this.#limit.bytes) / roundTripMs);
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#pacer.spend(bytes);
  }

  /** Whether a ping is due behind what was sent; always so when only a pong can make room. */
  get wantsProbe(): boolean {
    const unprobed = this.#sentBytes - this.#probedBytes;
    const share = this.#limit.bytes / PROBES_PER_FLIGHT;
    const spacing = Math.min(MAX_PROBE_BYTES, Math.max(MIN_PROBE_BYTES, share));
    return unprobed >= spacing || (unprobed > 0 && this.#probes.length === 0 && this.isFull);
  }

  /** A ping with the number that this answers is put behind all that was sent. */
  probe(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#probedBytes = this.#sentBytes;
    const [sentAt, sentBytes, flightBytes] = [this.#clock.now(), this.#sentBytes, this.#flightBytes];
    this.#probes.push({ sequence: this.#sequence, sentAt, sentBytes, flightBytes });
    return this.#sequence;
  }

  /**
   * A pong came.
   * @param arrivedAt When the ping arrived, on the other side's clock, modulo 2^32.
   * @throws ProtocolError when there was no such ping.
   */
  answered(sequence: number, arrivedAt: number): void {
    const index = this.#probes.findIndex((probe) => probe.sequence === sequence);
    const probe = this.#probes[index];
    if (!probe) throw protocolError('it answered a ping that was not sent');
    this.#probes.splice(0, index + 1);
    this.#arrivedBytes = probe.sentBytes;
    const { sentAt, flightBytes } = probe;
    const at = this.#clock.now();
    // A clock may be set back.
    const roundTripMs = Math.max(0, at - sentAt);
    this.#roundTripMs ??= roundTripMs;
    this.#roundTripMs += (roundTripMs - this.#roundTripMs) * SMOOTHING;
    const oneWayMs = (arrivedAt - sentAt) | 0;
    this.#limit.learn({ at, sentAt, roundTripMs, oneWayMs, flightBytes, arrivedBytes: this.#arrivedBytes });
  }

  get #flightBytes(): number {
    return this.#sentBytes - this.#arrivedBytes;
  }
}
