import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/**
 * Says something over a WebSocket and prints what comes back, as a program of its own: it has to run on the
 * host that a test means. Arguments: URL, address to dial, file with the authority to trust.
 */

const [url = '', address = '', authority = ''] = process.argv.slice(2);
const lookup = ((_host: string, _options: object, done: (...answer: unknown[]) => void) =>
  done(null, [{ address, family: 4 }])) as never;
const socket = new WebSocket(url, { ca: readFileSync(authority), lookup, handshakeTimeout: 5_000 });
// Not masked: the other end sends back the bytes that it gets, and what a server says must not be masked.
socket.on('open', () => socket.send('hello', { mask: false }));
socket.on('message', (data) => {
  console.log(String(data));
  socket.terminate();
});
