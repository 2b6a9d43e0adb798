import { FakeRouter } from '../../../test/fakes/fake-router.ts';
import { newCounters } from '../ingress/http1/observer.ts';
import { addCounters, Reporter } from './reporter.ts';

test('Reports add up to what was counted, and tell what there is now', () => {
  const plane = { counters: newCounters(), router: new FakeRouter() };
  const reporter = new Reporter({ plane });
  const sum = newCounters();
  for (const [requests, connections] of [
    [2, 1],
    [2, 3],
    [7, 0],
  ] as const) {
    Object.assign(plane.counters, { requests, connections, bytesIn: 10 * requests });
    addCounters(sum, reporter.next([]).counters);
    expect(sum).toEqual(plane.counters);
  }
});

test('Traffic is told by how much more there was, of hosts where there was some', () => {
  const router = new FakeRouter();
  const reporter = new Reporter({ plane: { counters: newCounters(), router } });
  router.counted = { requests: 5, errors: 1 };
  expect(reporter.next(['a']).traffic).toEqual(new Map([['a', { requests: 5, errors: 1 }]]));
  expect(reporter.next(['a']).traffic).toEqual(new Map());
  router.counted = { requests: 6, errors: 1 };
  expect(reporter.next(['a']).traffic).toEqual(new Map([['a', { requests: 1, errors: 0 }]]));
  // It was taken away, and served again since.
  router.counted = { requests: 2, errors: 2 };
  expect(reporter.next(['a']).traffic).toEqual(new Map([['a', { requests: 2, errors: 2 }]]));
});
