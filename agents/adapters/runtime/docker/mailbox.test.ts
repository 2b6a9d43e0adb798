import { Mailbox } from './mailbox.ts';

async function take(mailbox: Mailbox, count: number): Promise<(string | undefined)[]> {
  const stop = new AbortController();
  const taken: (string | undefined)[] = [];
  for await (const key of mailbox.take(stop.signal)) {
    taken.push(key);
    if (taken.length === count) stop.abort();
  }
  return taken;
}

describe('Mailbox', () => {
  it('hands out each key once, in the order they came', async () => {
    const mailbox = new Mailbox();
    for (const key of ['a', 'b', undefined, 'a', undefined, 'c']) mailbox.put(key);
    expect(await take(mailbox, 4)).toEqual(['a', 'b', undefined, 'c']);
  });

  it('hands out a key again that came again after it was taken', async () => {
    const mailbox = new Mailbox();
    const taken = take(mailbox, 2);
    mailbox.put('a');
    // The reader takes it as soon as it can run.
    setImmediate(() => mailbox.put('a'));
    expect(await taken).toEqual(['a', 'a']);
  });

  it('holds a bounded number: beyond it, all are meant', async () => {
    const mailbox = new Mailbox();
    for (let index = 0; index < 2500; index++) mailbox.put(String(index));
    const [first] = await take(mailbox, 1);
    expect(first).toBeUndefined();
  });

  it('ends with the signal also while nothing comes', async () => {
    const stop = new AbortController();
    const ended = new Mailbox().take(stop.signal).next();
    stop.abort();
    expect(await ended).toEqual({ done: true, value: undefined });
  });
});
