import type Docker from 'dockerode';
import type { LogLine, LogOptions } from '../../../../controllers/ports/runtime.ts';
import { RuntimeError } from '../../../../controllers/ports/runtime.ts';
import type { Engine } from './engine/engine.ts';
import { engineMessage, hasStatus } from './engine/errors.ts';

/** Docker cuts lines at 16 KiB; a frame holds one, its time and, at most, some padding. */
const MAX_FRAME_BYTES = 64 * 1024;
const HEADER_BYTES = 8;
const NANOSECONDS = 9;

/** What a container without terminal wrote, in order; ends with the container when following, and with the signal. */
export async function* readLogs(
  engine: Engine,
  id: string,
  name: string,
  options: LogOptions,
): AsyncGenerator<LogLine> {
  const bytes = engine.stream((docker, signal) => open(docker, id, options, signal), options);
  try {
    for await (const { type, payload } of demultiplex(bytes)) {
      if (type !== 1 && type !== 2) throw new Error(`Docker reported: ${payload.toString()}`);
      yield { stream: type === 1 ? 'stdout' : 'stderr', ...parseLine(payload.toString()) };
    }
  } catch (error) {
    if (options.signal.aborted) return;
    if (hasStatus(error, 404, 409)) throw gone(name);
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError('Error', `the logs of ${name} cannot be read: ${engineMessage(error)}`, {
      cause: error,
    });
  }
}

export function gone(name: string): RuntimeError {
  return new RuntimeError(
    'NotFound',
    `container ${name} does not exist any more: its logs are gone with it`,
    {
      terminal: true,
    },
  );
}

/**
 * `client.logs()` collects everything in memory unless it follows; the request itself does not.
 */
function open(
  docker: Docker,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: options.follow ?? false,
    tail: options.tail ?? 'all',
    ...(options.sinceNanoseconds !== undefined && { since: toSeconds(options.sinceNanoseconds) }),
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        isStream: true,
        options: query,
        abortSignal: signal,
        statusCodes: { 200: true },
      },
      (error, stream) => (error ? reject(error) : resolve(stream as NodeJS.ReadableStream)),
    );
  });
}

/** `1700000000.000000123`: the engine reads nanoseconds as decimals. */
function toSeconds(nanoseconds: string): string {
  const digits = nanoseconds.padStart(NANOSECONDS + 1, '0');
  return `${digits.slice(0, -NANOSECONDS)}.${digits.slice(-NANOSECONDS)}`;
}

interface Frame {
  /** 1: stdout, 2: stderr, 3: an error of the engine. */
  type: number;
  payload: Buffer;
}

/** Splits Docker's multiplexed stream: a type, three zeros, a length (32 bits, big-endian), so many bytes. */
export async function* demultiplex(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = buffer.length > 0 ? Buffer.concat([buffer, chunk]) : chunk;
    for (let end = frameEnd(buffer); end <= buffer.length; end = frameEnd(buffer)) {
      yield { type: buffer[0] ?? 0, payload: buffer.subarray(HEADER_BYTES, end) };
      buffer = buffer.subarray(end);
    }
  }
}

/** Where the first frame ends; beyond the buffer when part of it is missing. */
function frameEnd(buffer: Buffer): number {
  if (buffer.length < HEADER_BYTES) return Number.POSITIVE_INFINITY;
  const length = buffer.readUInt32BE(4);
  if (length > MAX_FRAME_BYTES) throw new Error(`Docker announced a log line of ${length} bytes`);
  return HEADER_BYTES + length;
}

/** `2023-11-22T15:30:00.123456789Z text`, with a line break unless Docker cut the line. */
function parseLine(line: string): Pick<LogLine, 'timestamp' | 'text'> {
  const space = line.indexOf(' ');
  return { timestamp: line.slice(0, space), text: line.slice(space + 1).replace(/\r?\n$/, '') };
}
