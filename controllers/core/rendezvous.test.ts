import fc from 'fast-check';
import { rendezvous } from './rendezvous.ts';

const candidates = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 8 });
const of = (key: string, among: readonly string[]) => rendezvous(key, among, (id) => id);

describe('rendezvous', () => {
  it('finds nothing among none', () => {
    expect(of('key', [])).toBeUndefined();
  });

  it('gives a key to the same candidate, in whatever order they are and whichever other one is gone', () => {
    fc.assert(
      fc.property(fc.string(), candidates, fc.nat(), (key, all, index) => {
        const chosen = of(key, all);
        const others = all.filter((id) => id !== chosen);
        const gone = others[index % others.length];
        expect(of(key, all.toReversed())).toBe(chosen);
        expect(
          of(
            key,
            all.filter((id) => id !== gone),
          ),
        ).toBe(chosen);
      }),
    );
  });

  it('spreads keys over all', () => {
    const counts = new Map<string | undefined, number>();
    for (let key = 0; key < 3_000; key++) {
      const chosen = of(String(key), ['0', '1', '2']);
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    for (const id of ['0', '1', '2']) expect(counts.get(id)).toBeGreaterThan(900);
  });
});
