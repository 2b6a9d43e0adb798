import { newUID } from './new-uid.ts';

describe('a new uid', () => {
  it('is a random UUID, and never the same', () => {
    const uids = Array.from({ length: 100 }, newUID);
    for (const uid of uids)
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(uids).size).toBe(uids.length);
  });
});
