import type { LogRequest, RemoteLogLine } from '../../../api/protocol/log-messages.ts';

/** Lines remembered per container: two streams write past each other by a few, never by so many. */
const REMEMBERED_LINES = 1000;

/** How far a reader of logs has come, so that after a drop nothing is lost or repeated. */
export class LogCursor {
  readonly #query: LogRequest;
  readonly #containers = new Map<string, ContainerCursor>();

  /** @param query What the reader asked for at first. */
  constructor(query: LogRequest) {
    this.#query = query;
  }

  /** False for a line that came before the drop already. */
  accept(line: RemoteLogLine): boolean {
    const cursor = this.#containers.get(line.container) ?? new ContainerCursor();
    this.#containers.set(line.container, cursor);
    return cursor.accept(`${toNanoseconds(line.timestamp)} ${line.stream}`);
  }

  /** How many containers have shown a line. */
  get containers(): number {
    return this.#containers.size;
  }

  /** What to ask for after a drop; from now on the lines that come again are recognised. */
  resume(): LogRequest {
    const cursors = [...this.#containers].map(([name, cursor]) => [name, cursor.resume(this.#query)]);
    const known = cursors.filter(([, time]) => time !== undefined);
    return known.length > 0 ? { ...this.#query, resume: Object.fromEntries(known) } : this.#query;
  }
}

/**
 * The last lines of one container. The runtime stamps two streams independently, so a line may come
 * after one that is younger: the last time alone would lose it.
 */
class ContainerCursor {
  /** Time and stream of a line -> how many there were; the oldest first. */
  readonly #seen = new Map<string, number>();
  /** What is expected to come again. */
  #repeats = new Map<string, number>();
  /** Nanoseconds of the youngest line that is not remembered any more. */
  #forgotten: bigint | undefined;

  accept(line: string): boolean {
    const repeats = this.#repeats.get(line) ?? 0;
    if (repeats > 0) {
      this.#repeats.set(line, repeats - 1);
      return false;
    }
    this.#seen.set(line, (this.#seen.get(line) ?? 0) + 1);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > REMEMBERED_LINES && oldest !== undefined) this.#forget(oldest);
    return true;
  }

  /** Where to begin again, or undefined: where the reader began. */
  resume({ tail }: LogRequest): string | undefined {
    this.#repeats = new Map(this.#seen);
    if (this.#forgotten !== undefined) return String(this.#forgotten + 1n);
    // All that came is remembered and will be recognised; only a tail would be another one by now.
    return tail === undefined ? undefined : this.#first();
  }

  #first(): string | undefined {
    const [first] = [...this.#seen.keys()].map(timeOf).sort((a, b) => (a < b ? -1 : 1));
    return first === undefined ? undefined : String(first);
  }

  #forget(line: string): void {
    this.#seen.delete(line);
    const time = timeOf(line);
    if (this.#forgotten === undefined || time > this.#forgotten) this.#forgotten = time;
  }
}

function timeOf(line: string): bigint {
  return BigInt(line.slice(0, line.indexOf(' ')));
}

/** RFC 3339 in UTC with up to nine digits of a second -> nanoseconds since the epoch. */
export function toNanoseconds(timestamp: string): string {
  const [seconds = '', fraction = ''] = timestamp.slice(0, -1).split('.');
  return String(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}
