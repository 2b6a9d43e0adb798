import { Serial } from './serial.ts';

describe('Serial', () => {
  it('runs tasks of one key in order, one at a time, and those of another beside them', async () => {
    const serial = new Serial();
    const gate = Promise.withResolvers<void>();
    const story: string[] = [];
    const first = serial.run('a', async () => {
      story.push('a1 began');
      await gate.promise;
      story.push('a1 ended');
    });
    const second = serial.run('a', async () => void story.push('a2'));
    await serial.run('b', async () => void story.push('b'));
    expect(story).toEqual(['a1 began', 'b']);
    gate.resolve();
    await Promise.all([first, second]);
    expect(story).toEqual(['a1 began', 'b', 'a1 ended', 'a2']);
  });

  it('goes on after a task that failed, whose own caller is told', async () => {
    const serial = new Serial();
    const failed = serial.run('a', () => Promise.reject(new Error('no')));
    const next = serial.run('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
