import { setImmediate } from 'node:timers/promises';
import { monotonic } from './monotonic.ts';

/** A long task gives way to others after so long: streams must not stutter while ten thousand files are read. */
const SLICE_MS = 8;

/** The items one by one, with a pause for everyone else now and then. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let since = monotonic();
  for (const item of items) {
    if (monotonic() - since > SLICE_MS) {
      await setImmediate();
      since = monotonic();
    }
    yield item;
  }
}
