import { type FileHandle, open, rename } from 'node:fs/promises';
import { Serial } from './serial.ts';

/** A nonce that was used. */
export interface Sighting {
  peerID: string;
  nonce: string;
  /** Milliseconds since the epoch after which its message is void anyway. */
  until: number;
}

/** Where sightings outlive the process. */
export interface ReplayLog {
  load(): AsyncIterable<Sighting>;
  /** Resolves when a restart of the process would find it. */
  append(sighting: Sighting): Promise<void>;
  /** Forgets all but these. */
  replace(sightings: readonly Sighting[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file of JSON lines that is only appended to, and replaced as a whole when most of it has expired.
 * Not synced to disk: after a loss of power a message of the last seconds could be repeated, and then
 * the generation in it, which the object itself keeps, refuses or makes it a write that changes nothing.
 */
export class FileReplayLog implements ReplayLog {
  readonly #file: string;
  readonly #order = new Serial();
  #batch: { lines: string[]; written: Promise<void> } | undefined;
  #handle: FileHandle | undefined;

  constructor({ file }: { file: string }) {
    this.#file = file;
  }

  async *load(): AsyncIterable<Sighting> {
    const handle = await openExisting(this.#file);
    if (!handle) return;
    for await (const line of handle.readLines()) {
      const sighting = parse(line);
      if (sighting) yield sighting;
    }
  }

  append(sighting: Sighting): Promise<void> {
    this.#batch ??= this.#newBatch();
    this.#batch.lines.push(JSON.stringify(sighting));
    return this.#batch.written;
  }

  replace(sightings: readonly Sighting[]): Promise<void> {
    const lines = sightings.map((sighting) => JSON.stringify(sighting));
    // What is appended from now on must come after: it may not join those that are replaced.
    this.#batch = undefined;
    return this.#order.run('', () => this.#replace(lines));
  }

  close(): Promise<void> {
    return this.#order.run('', () => this.#close());
  }

  /** Whatever is appended until its turn comes is written in one go. */
  #newBatch(): { lines: string[]; written: Promise<void> } {
    const lines: string[] = [];
    const written = this.#order.run('', () => {
      if (this.#batch?.lines === lines) this.#batch = undefined;
      return this.#write(lines);
    });
    return { lines, written };
  }

  async #write(lines: readonly string[]): Promise<void> {
    this.#handle ??= await open(this.#file, 'a', 0o600);
    // A line break first as well: half a line that a crash left cannot swallow the next one.
    await this.#handle.appendFile(`\n${lines.join('\n')}\n`);
  }

  async #replace(lines: readonly string[]): Promise<void> {
    const temporary = `${this.#file}.new`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(`${lines.join('\n')}\n`);
    } finally {
      await handle.close();
    }
    await this.#close();
    await rename(temporary, this.#file);
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

async function openExisting(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a line that a crash cut short. */
function parse(line: string): Sighting | undefined {
  try {
    const { peerID, nonce, until } = Object(JSON.parse(line)) as Partial<Sighting>;
    if (typeof peerID !== 'string' || typeof nonce !== 'string' || typeof until !== 'number')
      return undefined;
    return { peerID, nonce, until };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
