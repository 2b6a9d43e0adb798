import { Semaphore } from './semaphore.ts';

const { signal } = new AbortController();

test('who comes first is served first, and never too many at once', async () => {
  const semaphore = new Semaphore(1);
  const order: string[] = [];
  const use = async (name: string) => {
    const giveBack = await semaphore.acquire(signal);
    order.push(`${name} in`);
    await Promise.resolve();
    order.push(`${name} out`);
    giveBack();
  };
  await Promise.all(['a', 'b', 'c'].map(use));
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

test('who gives up waiting takes no place', async () => {
  const semaphore = new Semaphore(1);
  const giveBack = await semaphore.acquire(signal);
  const impatient = new AbortController();
  const waiting = semaphore.acquire(impatient.signal);
  impatient.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  giveBack();
  giveBack();
  await semaphore.acquire(signal);
  await expect(semaphore.acquire(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});
