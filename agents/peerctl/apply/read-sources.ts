import * as fs from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { MAX_FILE_BYTES } from '../../../api/yaml.ts';
import type { Context } from '../context.ts';
import { CommandError, ExitCode } from '../errors.ts';

/** A text of manifests. */
export interface Source {
  /** What -f named, so that the objects of one set find each other again: an absolute path, a URL, or `-`. */
  root: string;
  /** For messages. */
  file: string;
  text: string;
}

/** A manifest that takes longer than this is not coming; milliseconds. */
const URL_TIMEOUT_MS = 30_000;

const CHUNK_BYTES = 64 * 1024;

/** node:fs/promises is the same, but loads readline and more first: 3 ms. */
const stat = promisify(fs.stat);
const readdir = promisify(fs.readdir);
const open = promisify(fs.open);
const read = promisify(fs.read);
const close = promisify(fs.close);

const MANIFEST_FILE = /\.(ya?ml|json)$/;

/**
 * Reads what `-f` names: files, directories, URLs and stdin.
 * @throws CommandError with exit code 2 for what cannot be read.
 */
export async function readSources(
  context: Context,
  names: readonly string[],
  recursive: boolean,
): Promise<Source[]> {
  const sources = await Promise.all([...new Set(names)].map((name) => readSource(context, name, recursive)));
  return sources.flat();
}

async function readSource(context: Context, name: string, recursive: boolean): Promise<Source[]> {
  if (name === '-') return [{ root: '-', file: 'stdin', text: await collect(context.stdin, 'stdin') }];
  if (/^https?:\/\//.test(name))
    return [{ root: name, file: name, text: await download(name, context.signal) }];
  const root = resolve(context.cwd, name);
  const files = await listFiles(root, name, recursive);
  return Promise.all(
    files.map(async (path) => {
      const file = path === root ? name : join(name, relative(root, path));
      return { root, file, text: await readFile(path, file) };
    }),
  );
}

async function listFiles(root: string, name: string, recursive: boolean): Promise<string[]> {
  const { isDirectory } = await tryTo(name, async () => {
    const stats = await stat(root);
    return { isDirectory: stats.isDirectory() };
  });
  if (!isDirectory) return [root];
  const entries = await tryTo(name, () => readdir(root, { recursive, withFileTypes: true }));
  const files = entries
    .filter((entry) => !entry.isDirectory() && MANIFEST_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0)
    throw unusable(
      `${name}: no *.yaml, *.yml or *.json in this directory${recursive ? '' : '; -R looks into those below it'}`,
    );
  return files;
}

async function readFile(path: string, file: string): Promise<string> {
  return tryTo(file, async () => {
    const descriptor = await open(path, 'r');
    try {
      return await collect(chunksOf(descriptor), file);
    } finally {
      await close(descriptor);
    }
  });
}

/** Node's own streams take longer to load than a manifest to read. */
async function* chunksOf(descriptor: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { buffer, bytesRead } = await read(descriptor, Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function download(url: string, signal: AbortSignal): Promise<string> {
  return tryTo(url, async () => {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(URL_TIMEOUT_MS)]),
    });
    if (!response.ok) throw unusable(`${url}: the server answered ${response.status} ${response.statusText}`);
    return response.body ? collect(response.body, url) : '';
  });
}

/** All of a stream as text; what is too large is given up before it fills the memory. */
async function collect(stream: AsyncIterable<string | Uint8Array>, file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_FILE_BYTES)
      throw unusable(`${file}: larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB, which no manifests are`);
    chunks.push(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    // The decoder does not say where; that it is not text at all is what a person needs to know.
    throw unusable(`${file}: not a text file in UTF-8`);
  }
}

async function tryTo<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : unusable(`${file}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'no such file or directory',
};

function reasonOf(error: NodeJS.ErrnoException): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return REASONS[error.code ?? ''] ?? `cannot be read: ${error.message}${cause}`;
}

function unusable(message: string): CommandError {
  return new CommandError(message, ExitCode.Usage);
}
