import fc from 'fast-check';
import { collectGarbage } from '../support/rpc-heap.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const RUNS = 200 * SCALE;

/** A decoder that takes longer than this over one small input hangs, in milliseconds. */
const PATIENCE_MS = 2_000;

/** What may be left on the heap after all inputs, in bytes: compiled code and caches come once, leaks grow. */
const MAX_GROWTH = 30_000_000;

/** Something that reads what others wrote. */
export interface Decoder<T> {
  decode(input: T): unknown;
  /** How it says no. Anything else that it throws is a crash. */
  refuses: readonly (new (
    ...args: never[]
  ) => Error)[];
}

/** Registers the test that a decoder answers or refuses every input. */
export function itSurvives<T>(name: string, inputs: fc.Arbitrary<T>, decoder: Decoder<T>): void {
  it(
    `W2 ${name}: 0 crashes and 0 hangs over ${RUNS} inputs`,
    () =>
      fc.assert(
        fc.asyncProperty(inputs, (input) => survive(decoder, input)),
        { numRuns: RUNS },
      ),
    30_000 * SCALE,
  );
}

/** Registers the test that all tests of the file before it left little behind. Called last. */
export function itBoundsMemory(): void {
  let before = 0;
  beforeAll(async () => {
    before = await collectGarbage();
  });
  describe('afterwards', () => {
    it('W2 memory is bounded', async () => {
      expect((await collectGarbage()) - before).toBeLessThan(MAX_GROWTH);
    });
  });
}

export async function survive<T>({ decode, refuses }: Decoder<T>, input: T): Promise<void> {
  const started = performance.now();
  try {
    await decode(input);
  } catch (error) {
    // By name: what Node itself throws comes from outside of Jest's realm.
    if (!refuses.some(({ name }) => (error as Error).name === name)) throw error;
  }
  expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
}

/** Bytes that are noise, or a good example with some of it changed, cut off, doubled or left out. */
export function damaged(...examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: 2_000 });
  const edits = fc.array(edit, { maxLength: 6 });
  const changed = fc
    .tuple(fc.constantFrom(...examples), edits)
    .map(([example, all]) => all.reduce((bytes, change) => change(bytes), example));
  return fc.oneof({ weight: 1, arbitrary: noise }, { weight: 4, arbitrary: changed });
}

/** The same for text. */
export function damagedText(...examples: readonly string[]): fc.Arbitrary<string> {
  const changed = damaged(...examples.map((example) => Buffer.from(example)));
  const text = changed.map((bytes) => Buffer.from(bytes).toString('utf8'));
  return fc.oneof(text, fc.string({ unit: 'binary', maxLength: 500 }), fc.string({ maxLength: 500 }));
}

/** JSON values with the keys that hurt: prototypes, and those that decoders look for. */
export function hostileJson(...keys: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', ...keys),
    fc.string({ maxLength: 8 }),
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 53,
      1e308,
      '',
      'a',
      '\0',
      '\u202e',
      'default',
      'x'.repeat(300),
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('tree')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  return tree;
}

type Edit = (bytes: Uint8Array) => Uint8Array;

const edit: fc.Arbitrary<Edit> = fc
  .record({
    kind: fc.constantFrom('flip', 'set', 'cut', 'double', 'drop', 'insert'),
    at: fc.nat(1_000_000),
    length: fc.integer({ min: 1, max: 40 }),
    value: fc.nat(255),
  })
  .map(({ kind, at, length, value }) => (bytes) => {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    const [head, part, tail] = [
      bytes.subarray(0, place),
      bytes.subarray(place, place + length),
      bytes.subarray(place + length),
    ];
    const first = part[0] ?? 0;
    switch (kind) {
      case 'flip':
        return Buffer.concat([head, Uint8Array.of(first ^ (1 << (value & 7))), bytes.subarray(place + 1)]);
      case 'set':
        return Buffer.concat([head, new Uint8Array(part.length).fill(value), tail]);
      case 'cut':
        return head;
      case 'double':
        return Buffer.concat([head, part, part, tail]);
      case 'drop':
        return Buffer.concat([head, tail]);
      default:
        return Buffer.concat([head, new Uint8Array(length).fill(value), part, tail]);
    }
  });
