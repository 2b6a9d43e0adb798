import { Flight } from './flight.ts';

/** A link that takes `bytesPerMs` and needs `delayMs` each way; what comes faster queues before it. */
interface Link {
  bytesPerMs: number;
  delayMs: number;
}

const MBIT = 125;

/** Pushes all that the flight allows through a link, in steps of a millisecond, and says how that went. */
class Simulation {
  now = 0;
  link: Link;
  readonly flight: Flight;
  #queuedBytes = 0;
  #deliveredBytes = 0;
  #longestQueueMs = 0;
  #pings: { sequence: number; behindBytes: number }[] = [];
  #pongs: { sequence: number; at: number }[] = [];

  constructor(link: Link) {
    this.link = link;
    this.flight = new Flight({ clock: { now: () => this.now, after: () => () => {} } });
  }

  /** Answers the part of the link that was used, and how long a byte waited in its queue at worst. */
  run(milliseconds: number, offeredPerMs = Number.POSITIVE_INFINITY): { used: number; queueMs: number } {
    this.#deliveredBytes = 0;
    this.#longestQueueMs = 0;
    for (const end = this.now + milliseconds; this.now < end; this.now++) this.#step(offeredPerMs);
    return {
      used: this.#deliveredBytes / (milliseconds * this.link.bytesPerMs),
      queueMs: this.#longestQueueMs,
    };
  }

  #step(offeredPerMs: number): void {
    for (const pong of this.#pongs.splice(0)) {
      if (pong.at <= this.now) this.flight.answered(pong.sequence, (pong.at - this.link.delayMs) >>> 0);
      else this.#pongs.push(pong);
    }
    this.#send(offeredPerMs);
    this.#longestQueueMs = Math.max(this.#longestQueueMs, this.#queuedBytes / this.link.bytesPerMs);
    const moved = Math.min(this.#queuedBytes, this.link.bytesPerMs);
    this.#queuedBytes -= moved;
    this.#deliveredBytes += moved;
    for (const ping of this.#pings) ping.behindBytes -= moved;
    while (this.#pings[0] && this.#pings[0].behindBytes <= 0) this.#arrive(this.#pings.shift()!.sequence);
  }

  #send(offeredPerMs: number): void {
    for (let offered = offeredPerMs; offered > 0 && this.flight.isOpen; ) {
      const bytes = Math.min(offered, 16_384);
      offered -= bytes;
      this.flight.sent(bytes);
      this.#queuedBytes += bytes;
      if (this.flight.wantsProbe) this.ping();
    }
    if (this.flight.wantsProbe) this.ping();
  }

  ping(): void {
    this.#pings.push({ sequence: this.flight.probe(), behindBytes: this.#queuedBytes });
  }

  #arrive(sequence: number): void {
    this.#pongs.push({ sequence, at: this.now + 2 * this.link.delayMs });
  }
}

describe('Flight', () => {
  const links: [string, Link][] = [
    ['10 Mbit/s at 20 ms', { bytesPerMs: 10 * MBIT, delayMs: 10 }],
    ['100 Mbit/s at 50 ms', { bytesPerMs: 100 * MBIT, delayMs: 25 }],
    ['100 Mbit/s at 2 ms', { bytesPerMs: 100 * MBIT, delayMs: 1 }],
    ['1 Gbit/s at 50 ms', { bytesPerMs: 1_000 * MBIT, delayMs: 25 }],
    ['50 Mbit/s at 200 ms', { bytesPerMs: 50 * MBIT, delayMs: 100 }],
  ];

  test.each(links)('uses a link of %s and hardly queues on it', (_, link) => {
    const simulation = new Simulation(link);
    simulation.ping();
    const q = [];
    for (let i = 0; i < 20; i++) {
      const w = simulation.run(100);
      q.push(w.used.toFixed(2) + '/' + w.queueMs.toFixed(0));
    }
    const w = q.join(' ');
    simulation.run(1_000);
    const { used, queueMs } = simulation.run(60_000);
    console.log(_, w, used, queueMs);
  });
});
