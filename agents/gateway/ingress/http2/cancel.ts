import type { Http2Stream } from 'node:http2';
import { addAbortSignal } from 'node:stream';

/**
 * Breaks a stream off with CANCEL. `close` of Node would end its body first, so that what is cut off looks whole at the
 * other side.
 */
export function cancel(stream: Http2Stream): void {
  addAbortSignal(AbortSignal.abort(), stream);
}
