import * as z from 'zod/mini';
import { object, optional, required, withDefault, withDefaults } from './schema.ts';

describe('the fields of an object', () => {
  const made: string[] = [];
  const inner = object(() => {
    made.push('inner');
    return { size: withDefault(z.int(), 1, 'Size.') };
  });
  const outer = object(
    () => {
      made.push('outer');
      return { inner: optional(required(inner, 'One.'), 'Another.') };
    },
    z.refine(() => true),
  );

  it('are made when one is first read, and once', () => {
    expect(made).toEqual([]);
    expect(outer.safeParse({}).data).toEqual({});
    expect(made).toEqual(['outer']);
    for (let turn = 0; turn < 2; turn++)
      expect(outer.safeParse({ inner: {} }).data).toEqual({ inner: { size: 1 } });
    expect(made).toEqual(['outer', 'inner']);
  });

  it('are the only ones that it has, and are checked together in the end', () => {
    expect(outer.safeParse({ other: 1 }).success).toBe(false);
    const never = object(
      () => ({}),
      z.refine(() => false, 'never'),
    );
    expect(never.safeParse({}).error?.issues).toMatchObject([{ message: 'never' }]);
  });

  it('have their own descriptions, whatever else has the same schema', () => {
    const word = z.string();
    const schema = object(() => ({
      a: required(word, 'A.'),
      b: optional(word, 'B.'),
      c: withDefault(word, 'x', 'C.'),
      d: withDefaults(inner, {}, 'D.'),
    }));
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
      properties: {
        a: { description: 'A.' },
        b: { description: 'B.' },
        c: { description: 'C.', default: 'x' },
        d: { description: 'D.' },
      },
      required: ['a'],
    });
    expect(z.globalRegistry.get(word)).toBeUndefined();
  });
});
