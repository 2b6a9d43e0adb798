import { newRequestID } from './request-id.ts';

test('IDs are random UUIDs, and no two are the same', () => {
  const ids = Array.from({ length: 1_000 }, newRequestID);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
