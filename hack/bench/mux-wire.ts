import { connect, createServer, type Socket } from 'node:net';

/** A long thin wire: `node mux-wire.ts PORT TARGET MBIT DELAY_MS` forwards bytes at that rate, each way that late. */

const [, , port, target, megabits = 100, delayMs = 25] = process.argv.map(Number);
const bytesPerMs = megabits * 125;
/** Taken from a socket ahead of the wire. What more is sent to us waits with who sends it, as before any modem. */
const AHEAD_MS = 3;
/** A timer that comes late must not make the wire thinner. */
const CATCH_UP_MS = 10;
process.once('SIGTERM', () => process.exit());

createServer({ noDelay: true }, (near) => {
  const far = connect({ port: target ?? 0, host: '127.0.0.1', noDelay: true });
  const timers = [forward(near, far), forward(far, near)];
  const close = () => {
    for (const timer of timers) clearInterval(timer);
    near.destroy();
    far.destroy();
  };
  // Whoever breaks the connection, both ends of it are over.
  for (const socket of [near, far]) socket.on('error', close).once('close', close);
}).listen(port, '127.0.0.1');

function forward(from: Socket, to: Socket): NodeJS.Timeout {
  const late: { bytes: Buffer; at: number }[] = [];
  let freeAt = 0;
  from.on('data', (bytes: Buffer) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now - CATCH_UP_MS) + bytes.length / bytesPerMs;
    late.push({ bytes, at: Math.max(freeAt, now) + delayMs });
    if (freeAt > now + AHEAD_MS) from.pause();
  });
  return setInterval(() => {
    const now = performance.now();
    while (late[0] && late[0].at <= now) to.write(late.shift()?.bytes ?? '');
    if (freeAt <= now + AHEAD_MS) from.resume();
  }, 1);
}
