import { eventually } from '../../test/support/eventually.ts';
import { merge } from './merge.ts';

async function* from<T>(items: T[], end: Promise<void> = Promise.resolve()): AsyncGenerator<T> {
  yield* items;
  await end;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('merge', () => {
  it('yields every item, those of one source in order', async () => {
    const items = await collect(merge([from([1, 2, 3]), from([10, 20]), from([])]));
    expect(items.filter((item) => item < 10)).toEqual([1, 2, 3]);
    expect(items.filter((item) => item >= 10)).toEqual([10, 20]);
  });

  it('does not wait for a source that is silent', async () => {
    const silence = Promise.withResolvers<void>();
    const merged = merge([from([1], silence.promise), from([2])]);
    expect([(await merged.next()).value, (await merged.next()).value].sort()).toEqual([1, 2]);
    silence.resolve();
    expect(await merged.next()).toMatchObject({ done: true });
  });

  it('reads one item of a source ahead and no more', async () => {
    let read = 0;
    const eager = async function* () {
      for (;;) yield read++;
    };
    const merged = merge([eager()]);
    await merged.next();
    await merged.next();
    expect(read).toBeLessThanOrEqual(3);
    await merged.return(undefined);
  });

  it('fails with the first failure, after the items before it', async () => {
    const failing = async function* () {
      yield 1;
      throw new Error('broken');
    };
    const merged = merge([failing()]);
    expect((await merged.next()).value).toBe(1);
    await expect(merged.next()).rejects.toThrow('broken');
  });

  it('stops its sources when nobody reads any more', async () => {
    let stopped = 0;
    const source = async function* () {
      try {
        for (;;) yield 1;
      } finally {
        stopped += 1;
      }
    };
    const merged = merge([source(), source()]);
    await merged.next();
    await merged.return(undefined);
    await eventually(() => expect(stopped).toBe(2));
  });
});
