import { TrafficCounts } from './traffic.ts';

describe('traffic', () => {
  const counts = new TrafficCounts();
  const shop = 'shop.example';

  it('is counted for what is served', () => {
    counts.keep(new Set([shop, 'other.example']));
    counts.count(shop, false);
    counts.count(shop, true);
    expect(counts.of(shop)).toEqual({ requests: 2, errors: 1 });
    expect(counts.of('other.example')).toEqual({ requests: 0, errors: 0 });
  });

  it('is not counted for what visitors make up', () => {
    counts.count('made-up.example', false);
    expect(counts.of('made-up.example')).toEqual({ requests: 0, errors: 0 });
  });

  it('is kept as long as the host is, and forgotten with it', () => {
    counts.keep(new Set([shop]));
    expect(counts.of(shop).requests).toBe(2);
    counts.keep(new Set());
    counts.keep(new Set([shop]));
    expect(counts.of(shop)).toEqual({ requests: 0, errors: 0 });
  });
});
