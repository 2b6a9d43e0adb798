import type { Duplex } from 'node:stream';
import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { HostRoute } from '../../../controllers/ports/router.ts';

/** A status line is all that is waited for. */
const ANSWER = /^HTTP\/1\.[01] \d{3}/;
const SHORTEST_ANSWER = 'HTTP/1.1 200'.length;

/** RFC 9113, section 3.4: what a client begins with, and an empty SETTINGS frame behind it. */
const H2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const H2_SETTINGS_TYPE = 4;
const H2_FRAME_HEADER = 9;

/** Whether what a container listens with speaks the protocol that it was exposed as. @throws StatusError */
export async function probeStream(
  stream: Duplex,
  { host, protocol }: Pick<HostRoute, 'host' | 'protocol'>,
): Promise<void> {
  stream.write(
    protocol === 'H2C' ? H2_PREFACE : `HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  const needed = protocol === 'H2C' ? H2_FRAME_HEADER : SHORTEST_ANSWER;
  const answer = await firstBytes(stream, needed);
  const isRight =
    protocol === 'H2C' ? answer[3] === H2_SETTINGS_TYPE : ANSWER.test(answer.toString('latin1'));
  if (answer.length >= needed && isRight) return;
  const said = answer.length === 0 ? 'closed the connection without an answer' : 'answered something else';
  throw new StatusError(
    'ServiceUnavailable',
    `the container does not speak ${protocol} on this port: it ${said}`,
    {
      cause: Reason.NotAnswering,
    },
  );
}

async function firstBytes(stream: Duplex, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    if (Buffer.concat(parts).length >= count) break;
  }
  return Buffer.concat(parts);
}
