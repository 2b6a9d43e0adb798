import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { pattern, type TunnelWorld } from './tunnel-world.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const STREAMS = 100;

/** What one side of a stream does. */
interface Part {
  /** Lengths of its writes; it waits a turn of the loop now and then. */
  writes: number[];
  /** It then ends its half, or breaks the stream off. */
  ending: 'end' | 'reset';
  /** It reads nothing for so many turns. */
  sleep: number;
}

interface Plan {
  near: Part;
  far: Part;
}

/** What one side of a stream has seen. */
interface Story {
  bytes: Buffer;
  ended: boolean;
  failed: boolean;
}

const part = fc.record<Part>({
  writes: fc.array(fc.oneof(fc.nat(100), fc.nat(5_000), fc.nat(300_000)), { maxLength: 6 }),
  ending: fc.oneof(
    { weight: 4, arbitrary: fc.constant('end' as const) },
    { weight: 1, arbitrary: fc.constant('reset' as const) },
  ),
  sleep: fc.oneof(fc.constant(0), fc.nat(50)),
});

const plans = fc.array(fc.record<Plan>({ near: part, far: part }), {
  minLength: STREAMS,
  maxLength: STREAMS,
});

/** Any interleaving of streams that write, end and break off. */
export function describeTunnelChaos(world: TunnelWorld): void {
  test(
    `delivers exactly what was sent, in order, and no end that was none, over ${STREAMS} streams at once`,
    () =>
      fc.assert(
        fc.asyncProperty(plans, (all) => play(world, all)),
        { numRuns: 3 * SCALE, endOnFailure: true },
      ),
    60_000 * SCALE,
  );
}

async function play(world: TunnelWorld, all: Plan[]): Promise<void> {
  const far = new Map<number, Promise<Story>>();
  const { opener } = await world.connect((incoming) => {
    const index = Buffer.from(incoming.header).readUInt32BE();
    far.set(index, act(incoming.accept(), all[index]!.far, 2 * index + 1));
  });
  const near = all.map((plan, index) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(index);
    return act(opener.open(header), plan.near, 2 * index);
  });
  for (const [index, plan] of all.entries()) {
    const stories = { near: await near[index]!, far: await far.get(index) };
    // One that was broken off before it came there is not even known there.
    if (!stories.far) expect(plan.near.ending).toBe('reset');
    else {
      check(stories.near, plan, plan.far, 2 * index + 1);
      check(stories.far, plan, plan.near, 2 * index);
    }
  }
  opener.close();
}

function check(seen: Story, plan: Plan, sender: Part, seed: number): void {
  const sent = pattern(
    sender.writes.reduce((sum, length) => sum + length, 0),
    seed,
  );
  expect(Buffer.compare(seen.bytes, sent.subarray(0, seen.bytes.length))).toBe(0);
  if (seen.ended) expect([seen.bytes.length, sender.ending]).toEqual([sent.length, 'end']);
  if (plan.near.ending === 'end' && plan.far.ending === 'end')
    expect([seen.ended, seen.failed]).toEqual([true, false]);
}

async function act(stream: Duplex, { writes, ending, sleep }: Part, seed: number): Promise<Story> {
  const chunks: Buffer[] = [];
  const story = { ended: false, failed: false };
  stream.once('end', () => {
    story.ended = true;
  });
  stream.once('error', () => {
    story.failed = true;
  });
  const closed = new Promise((resolve) => stream.once('close', resolve));
  const speaking = speak(stream, writes, ending, seed);
  for (let count = 0; count < sleep; count++) await turn();
  stream.on('data', (bytes: Buffer) => chunks.push(bytes));
  await Promise.all([speaking, closed]);
  return { ...story, bytes: Buffer.concat(chunks) };
}

async function speak(stream: Duplex, writes: number[], ending: Part['ending'], seed: number): Promise<void> {
  const total = writes.reduce((sum, length) => sum + length, 0);
  let rest = pattern(total, seed);
  for (const length of writes) {
    if (length % 3 === 0) await turn();
    if (stream.destroyed) return;
    stream.write(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  if (ending === 'end') stream.end();
  else stream.destroy();
}
