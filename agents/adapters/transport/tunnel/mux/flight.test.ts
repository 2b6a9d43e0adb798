import { Flight } from './flight.ts';

/** Bytes per millisecond. */
const MBIT = 125;
const FRAME_BYTES = 16 * 1024;

/** A link that takes `bytesPerMs` and needs `delayMs` each way; what comes faster queues before it. */
interface Link {
  bytesPerMs: number;
  delayMs: number;
}

interface Seen {
  /** Part of the link that was used. */
  used: number;
  /** How long a byte that came now and then had to queue, on average and at worst. */
  queueMs: number;
  worstQueueMs: number;
}

/** Sends all that the flight allows over a link, in steps of a millisecond. */
class Simulation {
  link: Link;
  /** How long pongs queue on their way back. */
  pongQueueMs = 0;
  /** How far the other side's clock is ahead. */
  clockAheadMs = 123_456_789;
  readonly flight: Flight;
  #now = 1_900_000_000_000;
  #queuedBytes = 0;
  readonly #pings: { sequence: number; bytesBefore: number }[] = [];
  readonly #pongs: { sequence: number; arrivedAt: number; at: number }[] = [];

  constructor(link: Link) {
    this.link = link;
    this.flight = new Flight({ clock: { now: () => this.#now, after: () => () => {} } });
    this.ping();
    this.run(500, 0);
  }

  run(milliseconds: number, offeredPerMs = Number.POSITIVE_INFINITY): Seen {
    let delivered = 0;
    const queues = Array.from({ length: milliseconds }, () => {
      this.#now += 1;
      this.#hear();
      this.#send(offeredPerMs);
      const queueMs = this.#queuedBytes / this.link.bytesPerMs;
      delivered += this.#deliver();
      return queueMs;
    });
    const queueMs = queues.reduce((sum, queue) => sum + queue, 0) / milliseconds;
    const used = delivered / (milliseconds * this.link.bytesPerMs);
    return { used, queueMs, worstQueueMs: Math.max(...queues) };
  }

  ping(): void {
    this.#pings.push({ sequence: this.flight.probe(), bytesBefore: this.#queuedBytes });
  }

  #send(offeredPerMs: number): void {
    for (let left = offeredPerMs; left > 0 && !this.flight.isFull && !this.flight.isPaced; ) {
      const bytes = Math.min(left, FRAME_BYTES);
      left -= bytes;
      this.#queuedBytes += bytes;
      this.flight.sent(bytes);
      if (this.flight.wantsProbe) this.ping();
    }
    if (this.flight.wantsProbe) this.ping();
  }

  #deliver(): number {
    const moved = Math.min(this.#queuedBytes, this.link.bytesPerMs);
    this.#queuedBytes -= moved;
    for (const ping of this.#pings) ping.bytesBefore -= moved;
    while (this.#pings[0] && this.#pings[0].bytesBefore <= 0)
      this.#answer(this.#pings.shift()?.sequence ?? 0);
    return moved;
  }

  #answer(sequence: number): void {
    const arrived = this.#now + this.link.delayMs;
    const at = arrived + this.link.delayMs + this.pongQueueMs;
    this.#pongs.push({ sequence, arrivedAt: (arrived + this.clockAheadMs) >>> 0, at });
  }

  #hear(): void {
    while (this.#pongs[0] && this.#pongs[0].at <= this.#now) {
      const pong = this.#pongs.shift();
      if (pong) this.flight.answered(pong.sequence, pong.arrivedAt);
    }
  }
}

const LINKS: [string, Link][] = [
  ['10 Mbit/s at 20 ms', { bytesPerMs: 10 * MBIT, delayMs: 10 }],
  ['100 Mbit/s at 2 ms', { bytesPerMs: 100 * MBIT, delayMs: 1 }],
  ['100 Mbit/s at 50 ms', { bytesPerMs: 100 * MBIT, delayMs: 25 }],
  ['1 Gbit/s at 50 ms', { bytesPerMs: 1_000 * MBIT, delayMs: 25 }],
  ['50 Mbit/s at 200 ms', { bytesPerMs: 50 * MBIT, delayMs: 100 }],
];
const LONG_LINK: Link = { bytesPerMs: 100 * MBIT, delayMs: 25 };

test.each(LINKS)('P3 a link of %s is used, and hardly queued on', (_, link) => {
  const simulation = new Simulation(link);
  simulation.run(4_000);
  const { used, queueMs } = simulation.run(30_000);
  expect(used).toBeGreaterThan(0.95);
  expect(queueMs).toBeLessThan(20 + FRAME_BYTES / link.bytesPerMs);
});

test.each(LINKS)('P3 a link of %s is asked step by step', (_, link) => {
  const simulation = new Simulation(link);
  const { used, worstQueueMs } = simulation.run(3_000);
  expect(used).toBeGreaterThan(0.6);
  expect(worstQueueMs).toBeLessThan(200);
});

test('what queues on the way back neither slows it down nor lets it queue', () => {
  const simulation = new Simulation(LONG_LINK);
  simulation.run(4_000);
  simulation.pongQueueMs = 10;
  simulation.run(2_000);
  const { used, queueMs } = simulation.run(5_000);
  expect(used).toBeGreaterThan(0.95);
  expect(queueMs).toBeLessThan(25);
});

test('a link that becomes slower soon has no queue again', () => {
  const simulation = new Simulation(LONG_LINK);
  simulation.run(4_000);
  simulation.link = { ...LONG_LINK, bytesPerMs: 20 * MBIT };
  simulation.run(2_000);
  const { used, queueMs } = simulation.run(5_000);
  expect(used).toBeGreaterThan(0.9);
  expect(queueMs).toBeLessThan(25);
});

test('a link that becomes faster is soon used again', () => {
  const simulation = new Simulation({ ...LONG_LINK, bytesPerMs: 20 * MBIT });
  simulation.run(4_000);
  simulation.link = LONG_LINK;
  simulation.run(3_000);
  expect(simulation.run(5_000).used).toBeGreaterThan(0.95);
});

test('a path that becomes longer is measured anew', () => {
  const simulation = new Simulation(LONG_LINK);
  simulation.run(4_000);
  simulation.link = { ...LONG_LINK, delayMs: 60 };
  simulation.run(15_000);
  const { used, queueMs } = simulation.run(20_000);
  expect(used).toBeGreaterThan(0.9);
  expect(queueMs).toBeLessThan(25);
});

test.each([-3_600_000, 3_600_000])('a clock that is set by %d ms on the other side is got over', (change) => {
  const simulation = new Simulation(LONG_LINK);
  simulation.run(4_000);
  simulation.clockAheadMs += change;
  simulation.run(15_000);
  expect(simulation.run(20_000).used).toBeGreaterThan(0.9);
});

test('after a silence it does not begin with a burst', () => {
  const simulation = new Simulation(LONG_LINK);
  simulation.run(4_000);
  simulation.run(200, 0);
  simulation.ping();
  simulation.run(200, 0);
  simulation.ping();
  simulation.run(200, 0);
  const { worstQueueMs, used } = simulation.run(1_000);
  expect(worstQueueMs).toBeLessThan(45);
  expect(used).toBeGreaterThan(0.6);
});

test('little traffic is never held up', () => {
  const simulation = new Simulation(LONG_LINK);
  const { used, worstQueueMs } = simulation.run(20_000, 50 * MBIT);
  expect(used).toBeCloseTo(0.5, 1);
  expect(worstQueueMs).toBeLessThan(20);
});

test('it says how long the way there and back is', () => {
  const simulation = new Simulation(LONG_LINK);
  expect(simulation.flight.roundTripMs).toBeGreaterThanOrEqual(50);
  expect(simulation.flight.roundTripMs).toBeLessThan(53);
});

test('a pong to no ping, or to one that was answered, is refused', () => {
  const { flight } = new Simulation(LONG_LINK);
  const sequence = flight.probe();
  flight.answered(sequence, 0);
  expect(() => flight.answered(sequence, 0)).toThrow('a ping that was not sent');
  expect(() => flight.answered(sequence + 1, 0)).toThrow('a ping that was not sent');
});
