import { get, head } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const HOST = 'web.example.com';
const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const REFUSED = head('HTTP/1.1 502 Bad Gateway', 'Content-Length: 0');

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

/** What the container does with the request, and how that is counted. */
const ENDINGS: [what: string, end: (line: Line) => unknown, failed: boolean][] = [
  ['an answer', (line) => line.answer(`${OK}ok`), false],
  ['a 502 of the container’s own', (line) => line.answer(REFUSED), false],
  ['no answer', (line) => line.container.stream.end(), true],
  ['what is no answer', (line) => line.answer('SSH-2.0-x\r\n\r\n'), true],
  ['half of an answer', (line) => line.answer(`${OK}o`).then(() => line.container.stream.end()), true],
  ['a client that leaves', (line) => line.client.stream.destroy(), false],
];

describe('a request is counted once, under its host name', () => {
  it.each(ENDINGS)('after %s', async (_, end, failed) => {
    await line.ask(get());
    expect(line.counted).toEqual([]);
    await end(line);
    await line.clock.settle();
    expect(line.counted).toEqual([failed ? `${HOST}!` : HOST]);
  });

  it.each([
    [404, false],
    [429, false],
    [503, true],
  ])('when the gateway refuses it with %i', async (status, failed) => {
    line = open({ route: () => ({ status, reason: 'no' }) });
    await line.ask(get());
    expect(line.counted).toEqual([failed ? `${HOST}!` : HOST]);
  });

  it('not at all when it could not be read', async () => {
    await line.ask('GET\r\n\r\n');
    expect(line.counted).toEqual([]);
  });
});
