import { setImmediate } from 'node:timers/promises';

/** A long task gives way to others after so long: streams must not stutter while ten thousand files are read. */
const SLICE_MS = 8;

/** The items one by one, with a pause for everyone else now and then. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let since = performance.now();
  for (const item of items) {
    if (performance.now() - since > SLICE_MS) {
      await setImmediate();
      since = performance.now();
    }
    yield item;
  }
}
