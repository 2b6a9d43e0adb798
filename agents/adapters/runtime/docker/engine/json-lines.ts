import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';

/** What the engine says in one line is far less: an event carries the labels of a container. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Values of a stream of JSON, one in each line, as the engine sends events and progress. */
export async function* jsonLines<T>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_BYTES) throw malformed('a line without end');
    for (const line of lines) if (line.trim() !== '') yield parse<T>(line);
  }
  if (rest.trim() !== '') yield parse<T>(rest);
}

function parse<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw malformed('a line that is not JSON');
  }
}

function malformed(what: string): RuntimeError {
  return new RuntimeError(
    'RuntimeUnavailable',
    `Docker sent ${what}: is DOCKER_HOST the address of a Docker engine?`,
  );
}
