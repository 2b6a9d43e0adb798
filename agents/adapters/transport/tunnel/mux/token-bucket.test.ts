import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { TokenBucket } from './token-bucket.ts';

function setup() {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock }, { perSecond: 10, burst: 30 });
  const takeAll = () => {
    let taken = 0;
    while (bucket.take()) taken += 1;
    return taken;
  };
  return { clock, bucket, takeAll };
}

test('allows a burst, and then so many a second', async () => {
  const { clock, takeAll } = setup();
  expect(takeAll()).toBe(30);
  await clock.advance(1_000);
  expect(takeAll()).toBe(10);
  await clock.advance(100);
  expect(takeAll()).toBe(1);
});

test('saves up no more than a burst', async () => {
  const { clock, takeAll } = setup();
  takeAll();
  await clock.advance(1_000_000);
  expect(takeAll()).toBe(30);
});

test('says whether it is empty without taking anything', async () => {
  const { clock, bucket, takeAll } = setup();
  expect(bucket.isEmpty).toBe(false);
  takeAll();
  expect(bucket.isEmpty).toBe(true);
  await clock.advance(100);
  expect([bucket.isEmpty, bucket.isEmpty, bucket.take(), bucket.isEmpty]).toEqual([false, false, true, true]);
});

test('it gives several at once, or none of them', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock }, { perSecond: 10, burst: 30 });
  expect([bucket.take(20), bucket.take(20), bucket.take(10), bucket.isEmpty]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
