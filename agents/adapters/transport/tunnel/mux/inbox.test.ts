import fc from 'fast-check';
import { Inbox } from './inbox.ts';

function drain(inbox: Inbox): Buffer[] {
  const pieces: Buffer[] = [];
  for (let piece = inbox.take(); piece; piece = inbox.take()) pieces.push(piece);
  return pieces;
}

test('gives back what was put in, in order, however it is taken', () => {
  const step = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
    fc.uint8Array({ minLength: 1, maxLength: 9_000, size: 'max' }),
    fc.constant('take' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const inbox = new Inbox();
      const put: Buffer[] = [];
      const taken: Buffer[] = [];
      for (const next of steps)
        if (next === 'take') taken.push(inbox.take() ?? Buffer.alloc(0));
        else {
          inbox.add(Buffer.from(next));
          put.push(Buffer.from(next));
        }
      const length = put.reduce((sum, piece) => sum + piece.length, 0);
      expect(inbox.bytes).toBe(length - Buffer.concat(taken).length);
      expect(Buffer.compare(Buffer.concat([...taken, ...drain(inbox)]), Buffer.concat(put))).toBe(0);
      expect(inbox.bytes).toBe(0);
    }),
  );
});

test('holds on to little more than the bytes that wait, though each came in a large buffer', () => {
  const inbox = new Inbox();
  for (let count = 0; count < 10_000; count++) inbox.add(Buffer.alloc(16 * 1024).subarray(0, 1));
  const held = new Set(drain(inbox).map(({ buffer }) => buffer));
  expect([...held].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(2 * 10_000);
});
