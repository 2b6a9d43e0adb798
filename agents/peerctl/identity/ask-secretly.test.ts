import { CommandError } from '../errors.ts';
import { Output } from '../streams.ts';
import { askSecretly } from './ask-secretly.ts';

/** What is answered when a person types these keys, and what the terminal shows. */
async function ask(...keys: string[]) {
  const raw: boolean[] = [];
  let shown = '';
  const write = (text: string) => {
    shown += text;
  };
  const err = new Output(() => ({ isTTY: true, write }), {});
  const stdin = {
    isTTY: true,
    setRawMode: (on: boolean) => raw.push(on),
    async *[Symbol.asyncIterator]() {
      yield* keys.map((key) => Buffer.from(key));
    },
  };
  const answer = await askSecretly({ stdin, err }, 'Passphrase: ').catch((error: unknown) => error);
  return { answer, shown, raw };
}

describe('askSecretly', () => {
  it.each([
    [['se', 'cret', '\r'], 'secret'],
    [['secret\n'], 'secret'],
    [['secx', '\x7f', 'ret\r'], 'secret'],
    [['secret'], 'secret'],
    [['\r'], ''],
  ])('takes %j', async (keys, answer) => {
    expect(await ask(...keys)).toEqual({ answer, shown: 'Passphrase: \n', raw: [true, false] });
  });

  it('lets go of the terminal on Ctrl-C', async () => {
    const { answer, raw } = await ask('sec', '\x03');
    expect(answer).toBeInstanceOf(CommandError);
    expect(answer).toMatchObject({ exitCode: 130 });
    expect(raw).toEqual([true, false]);
  });
});
