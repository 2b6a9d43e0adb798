import { connect } from 'node:net';
import { deadline } from '../../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { words } from './message.ts';

export interface DnsServer {
  host: string;
  port: number;
}

const TIMEOUT_MS = 10_000;

/** Sends a DNS message over a TCP connection of its own (RFC 7766), and answers what comes back: at most 64 KiB. */
export async function exchange(
  clock: Clock,
  { host, port }: DnsServer,
  message: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  const overdue = () => new Error(`it did not answer within ${TIMEOUT_MS / 1000} s`);
  const limit = deadline(clock, signal, TIMEOUT_MS, overdue);
  const socket = connect({ host, port, signal: limit.signal });
  try {
    socket.write(Buffer.concat([words(message.length), message]));
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      const length = received.length < 2 ? Number.POSITIVE_INFINITY : received.readUInt16BE();
      if (received.length >= 2 + length) return received.subarray(2, 2 + length);
    }
    throw new Error('it closed the connection');
  } catch (error) {
    const { message: why } = (limit.signal.aborted ? limit.signal.reason : error) as Error;
    throw new Error(`the DNS server ${host}:${port} cannot be asked: ${why}`, { cause: error });
  } finally {
    socket.destroy();
    limit.release();
  }
}
