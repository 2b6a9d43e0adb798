import { OpenedEnvelopes } from './opened-envelopes.ts';

const OWNER = '12D3KooWBfZXjJKrUg4rKvW62THdjVAcC3yUjfiNe4iK4qTBt7bK';
const uid = (index: number) => `uid-${index}`;
const envelope = (index: number) => Buffer.from(`nothing signed, ${index}`).toString('base64');

describe('OpenedEnvelopes', () => {
  it('opens each once, though ten thousand others are opened before it is asked for again', async () => {
    const envelopes = new OpenedEnvelopes();
    const open = (index: number) => envelopes.open(uid(index), OWNER, envelope(index));
    const first = await Promise.all(Array.from({ length: 10_000 }, (_, index) => open(index)));
    expect(first[0]).toEqual({ problem: expect.any(String) });
    for (const [index, opened] of first.entries())
      if ((await open(index)) !== opened) throw new Error(`${index} was opened again`);
  });

  it('opens the next one of the same object, and the same one of another owner', async () => {
    const envelopes = new OpenedEnvelopes();
    const opened = await envelopes.open(uid(0), OWNER, envelope(0));
    expect(await envelopes.open(uid(0), OWNER, envelope(1))).not.toBe(opened);
    expect(await envelopes.open(uid(0), OWNER, envelope(0))).not.toBe(opened);
    const again = await envelopes.open(uid(0), OWNER, envelope(0));
    expect(await envelopes.open(uid(0), OWNER.replace('Bf', 'Cf'), envelope(0))).not.toBe(again);
  });
});
