import { eventually, until } from './eventually.ts';

describe('eventually', () => {
  it('waits until an assertion holds', async () => {
    let looks = 0;
    await eventually(() => expect(++looks).toBe(3), { intervalMs: 0 });
    expect(looks).toBe(3);
  });

  it('waits until a condition is not false any more', async () => {
    let looks = 0;
    await eventually(async () => ++looks >= 3, { intervalMs: 0 });
    expect(looks).toBe(3);
  });

  it('fails with the last complaint', async () => {
    const never = () => {
      throw new Error('still 2 of 3');
    };
    await expect(eventually(never, { timeoutMs: 0 })).rejects.toThrow('not within 0 ms: still 2 of 3');
  });
});

describe('until', () => {
  it('answers what it has found', async () => {
    let looks = 0;
    expect(await until(() => (++looks < 3 ? undefined : 'web'), { intervalMs: 0 })).toBe('web');
  });
});
