import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { decodeChecked, encodeChecked } from '../../adapters/store/checked-json.ts';
import {
  ensureDirectory,
  readIfThere,
  removeFile,
  replaceFile,
  TEMPORARY,
} from '../../adapters/store/durable-file.ts';
import { nodeFileSystem } from '../../adapters/store/file-system.ts';
import { Layout } from '../../adapters/store/layout.ts';
import { quarantine } from '../../adapters/store/quarantine.ts';

const SUFFIX = '.json';

/** File names end at 255 bytes, and a host name alone may have 253. */
const LONGEST_NAME = 200;

/** What a record must be; undefined for a value that is not one. */
export type Decode<T> = (value: unknown) => T | undefined;

/**
 * Records with private keys in them: a directory that only its owner can enter, files that only its owner can read, each
 * replaced in one step and safe from a power loss once written. A damaged one is set aside and reads as absent.
 */
export class Vault {
  readonly #logger: Logger;
  readonly #directory: string;
  /** The last write of each record that is under way: they must arrive in the order in which they were asked for. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor({ logger }: { logger: Logger }, { directory }: { directory: string }) {
    this.#logger = logger;
    this.#directory = directory;
  }

  /** Makes the directory, and clears away what a crash left half written. */
  async open(): Promise<void> {
    await ensureDirectory(nodeFileSystem, this.#directory);
    chmodSync(this.#directory, 0o700);
    for (const { name } of nodeFileSystem.readDirectory(this.#directory))
      if (name.startsWith(TEMPORARY)) removeFile(nodeFileSystem, join(this.#directory, name));
  }

  /** Every record of this kind that is whole. */
  async list<T>(kind: string, decode: Decode<T>): Promise<T[]> {
    const prefix = `${kind}-`;
    const files = nodeFileSystem
      .readDirectory(this.#directory)
      .filter(({ name }) => name.startsWith(prefix) && name.endsWith(SUFFIX));
    const records = await Promise.all(
      files.map(({ name }) => this.#read(join(this.#directory, name), decode)),
    );
    return records.filter((record) => record !== undefined);
  }

  async read<T>(kind: string, name: string, decode: Decode<T>): Promise<T | undefined> {
    return this.#read(this.#path(kind, name), decode);
  }

  /** Resolves when it would survive a power loss. */
  write(kind: string, name: string, record: unknown): Promise<void> {
    const path = this.#path(kind, name);
    const text = encodeChecked(record);
    const replace = () => replaceFile(nodeFileSystem, path, text, { durable: true });
    // The one before may fail; whoever asked for it is told.
    const write = (this.#writes.get(path) ?? Promise.resolve()).then(replace, replace);
    this.#writes.set(path, write);
    return write.finally(() => {
      if (this.#writes.get(path) === write) this.#writes.delete(path);
    });
  }

  /** Absent is success. */
  remove(kind: string, name: string): void {
    removeFile(nodeFileSystem, this.#path(kind, name));
  }

  async #read<T>(path: string, decode: Decode<T>): Promise<T | undefined> {
    const text = readIfThere(nodeFileSystem, path);
    if (text === undefined) return undefined;
    const record = decode(decodeChecked(text));
    if (record !== undefined) return record;
    const layout = new Layout({ directory: this.#directory });
    this.#logger.warn('Damaged file was set aside', {
      file: path,
      quarantine: await quarantine(nodeFileSystem, layout, path),
    });
    return undefined;
  }

  #path(kind: string, name: string): string {
    return join(this.#directory, `${kind}-${fileName(name)}${SUFFIX}`);
  }
}

/** A wildcard's star becomes an underscore, which no host name has. */
function fileName(name: string): string {
  const plain = name.replace('*', '_');
  if (plain.length <= LONGEST_NAME) return plain;
  return `${plain.slice(0, LONGEST_NAME)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
