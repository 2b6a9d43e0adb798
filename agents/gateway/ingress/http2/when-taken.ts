import type { Http2Stream } from 'node:http2';

/** Calls back once a stream takes more; also where it never will, so that whoever waits is not left waiting. */
export function whenTaken(stream: Http2Stream, taken: () => void): void {
  if (!stream.writableNeedDrain) {
    taken();
    return;
  }
  const done = () => {
    stream.off('drain', done).off('aborted', done).off('close', done);
    taken();
  };
  stream.on('drain', done).on('aborted', done).on('close', done);
}
