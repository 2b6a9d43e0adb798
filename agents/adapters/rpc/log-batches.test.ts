import { MAX_LOG_FRAME_BYTES, MAX_LOG_LINE_LENGTH } from '../../../api/protocol/limits.ts';
import { logFrame, type RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import { logLine } from '../../../test/support/rpc-log-file.ts';
import { decodeJson } from './json.ts';
import { batches } from './log-batches.ts';

function linesOf(frame: Uint8Array): RemoteLogLine[] {
  const parsed = logFrame.parse(decodeJson(frame.subarray(4)));
  return parsed.type === 'lines' ? parsed.lines : [];
}

async function* from(lines: Iterable<RemoteLogLine>, onPull = () => {}, onEnd = () => {}) {
  try {
    for (const line of lines) {
      onPull();
      yield line;
    }
  } finally {
    onEnd();
  }
}

describe('batches', () => {
  it('puts what is there already into few frames, complete and in order', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => logLine(index, `line ${index}`));
    const frames: Uint8Array[] = [];
    for await (const frame of batches(from(lines))) frames.push(frame);
    expect(frames.flatMap(linesOf)).toEqual(lines);
    expect(frames.length).toBeLessThan(15);
  });

  it('sends a line at once when none follows', async () => {
    const source = new TransformStream<RemoteLogLine, RemoteLogLine>();
    const writer = source.writable.getWriter();
    const frames = batches(source.readable);
    const sent = frames.next();
    await writer.write(logLine(1, 'alone'));
    expect(linesOf((await sent).value as Uint8Array)).toEqual([logLine(1, 'alone')]);
    await writer.close();
    expect(await frames.next()).toMatchObject({ done: true });
  });

  it('asks the source for no more than it has sent and one line, and ends it', async () => {
    let pulled = 0;
    let ended = false;
    const endless = function* () {
      for (let index = 0; ; index++) yield logLine(index, 'x'.repeat(1_000));
    };
    const frames = batches(
      from(
        endless(),
        () => pulled++,
        () => (ended = true),
      ),
    );
    let sent = linesOf((await frames.next()).value as Uint8Array).length;
    sent += linesOf((await frames.next()).value as Uint8Array).length;
    expect(pulled).toBeLessThanOrEqual(sent + 1);
    await frames.return(undefined);
    expect(ended).toBe(true);
  });

  it('fits the worst lines into a frame', async () => {
    const worst = Array.from({ length: 5 }, (_, index) =>
      logLine(index, '\u0001'.repeat(2 * MAX_LOG_LINE_LENGTH), { container: 'c'.repeat(253) }),
    );
    const almost = logLine(9, 'x'.repeat(MAX_LOG_FRAME_BYTES / 8 - 400));
    for await (const frame of batches(from([almost, ...worst]))) {
      expect(frame.length - 4).toBeLessThanOrEqual(MAX_LOG_FRAME_BYTES);
      for (const { text } of linesOf(frame)) expect(text.length).toBeLessThanOrEqual(MAX_LOG_LINE_LENGTH);
    }
  });

  it('sends what came before a source fails, and then fails', async () => {
    const failing = async function* () {
      yield logLine(1, 'last words');
      throw new Error('no more');
    };
    const frames = batches(failing());
    expect(linesOf((await frames.next()).value as Uint8Array)).toHaveLength(1);
    await expect(frames.next()).rejects.toThrow('no more');
  });
});
