import type { MultiaddrConnection, StreamMessageEvent } from '@libp2p/interface';

/** How each of our dialers begins: two length-prefixed lines that choose Noise. Nothing else is on offer. */
const PREAMBLE = Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n');

/**
 * Breaks a connection that does not begin so, at its first wrong byte. The library would answer `na` to
 * any number of other proposals, thousands of them from one packet before it looks at anything else: a
 * single stranger could keep the whole program busy. To be called in the turn in which the socket was
 * accepted, before anything has come.
 */
export function expectPreamble(connection: MultiaddrConnection): void {
  let matched = 0;
  const check = (event: StreamMessageEvent) => {
    const bytes = event.data.subarray().subarray(0, PREAMBLE.length - matched);
    const expected = PREAMBLE.subarray(matched, matched + bytes.length);
    matched += bytes.length;
    if (!expected.equals(bytes)) {
      event.stopImmediatePropagation();
      connection.abort(new Error('it does not begin as a peer does'));
    } else if (matched === PREAMBLE.length) {
      connection.removeEventListener('message', check);
    }
  };
  connection.addEventListener('message', check);
}
