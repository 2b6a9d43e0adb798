import fc from 'fast-check';
import { deepEqual, diffPatch, mergePatch, threeWayMerge } from './merge-patch.ts';

/** The examples of RFC 7386, appendix A: original, patch, result. */
const RFC_7386: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

/** JSON without null, as specs are: a merge patch cannot set a null. */
const spec = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.string({ maxLength: 3 })),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

describe('merge patch', () => {
  it.each(RFC_7386)('turns %j with %j into %j', (original, patch, result) => {
    expect(mergePatch(original, patch)).toEqual(result);
  });

  it('diffs to a patch that leads from one value to the other', () => {
    fc.assert(
      fc.property(spec, spec, (from, to) => {
        const patch = diffPatch(from, to);
        expect(deepEqual(patch === undefined ? from : mergePatch(from, patch), to)).toBe(true);
      }),
    );
  });

  it('has no diff between equal values', () => {
    fc.assert(fc.property(spec, (value) => diffPatch(value, structuredClone(value)) === undefined));
  });

  it('never touches a prototype', () => {
    const merged = mergePatch(
      {},
      JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  it('keeps what others set, takes what the manifest sets, and drops what the manifest dropped', () => {
    const lastApplied = { replicas: 2, image: 'web:1', debug: true };
    const live = { replicas: 2, image: 'web:1', debug: true, restartedAt: 'noon' };
    expect(threeWayMerge(lastApplied, live, { replicas: 2, image: 'web:2' })).toEqual({
      replicas: 2,
      image: 'web:2',
      restartedAt: 'noon',
    });
  });

  it('keeps a scale when the manifest says nothing about replicas', () => {
    expect(threeWayMerge({ image: 'web:1' }, { image: 'web:1', replicas: 5 }, { image: 'web:1' })).toEqual({
      image: 'web:1',
      replicas: 5,
    });
  });
});
