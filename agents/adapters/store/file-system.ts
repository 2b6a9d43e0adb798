import * as fs from 'node:fs';

/** What tells one version of a file from another without reading it. */
export interface FileStat {
  size: number;
  ino: number;
  mtimeMs: number;
  isDirectory: boolean;
}

export interface DirectoryEntry {
  name: string;
  isDirectory: boolean;
}

/**
 * The system calls that state is kept with. All but {@link sync} answer at once: for small files that
 * costs a tenth of a trip through the thread pool. Only a flush waits for the disk. Errors are Node's own.
 */
export interface FileSystem {
  /** Undefined when nothing is there. */
  stat(path: string): FileStat | undefined;
  /** The whole file. */
  readText(path: string): string;
  /** At most `length` bytes of a file from an offset on. */
  readBytes(path: string, from: number, length?: number): Buffer;
  readDirectory(path: string): DirectoryEntry[];
  /** Answers a descriptor, to be closed. `x` fails when the file exists; `a` appends. */
  open(path: string, flags: 'r' | 'w' | 'wx' | 'a'): number;
  /** Answers how many bytes were taken: on a full disk fewer than given. */
  write(fd: number, bytes: Uint8Array): number;
  statOpen(fd: number): FileStat;
  /** Resolves when what was written to the file, or changed in the directory, survives a power loss. */
  sync(fd: number): Promise<void>;
  close(fd: number): void;
  rename(from: string, to: string): void;
  /** A second name for a file; fails when that name exists. */
  link(existing: string, path: string): void;
  unlink(path: string): void;
  makeDirectory(path: string): void;
  /** The clock that stamps files, in milliseconds since the epoch. */
  now(): number;
}

/** Specs hold secrets: nobody else may read them. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

export const nodeFileSystem: FileSystem = {
  stat: (path) => toStat(fs.statSync(path, { throwIfNoEntry: false })),
  readText: (path) => fs.readFileSync(path, 'utf8'),
  readBytes,
  readDirectory: (path) =>
    fs
      .readdirSync(path, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() })),
  open: (path, flags) => fs.openSync(path, flags, FILE_MODE),
  write: (fd, bytes) => fs.writeSync(fd, bytes),
  statOpen: (fd) => toStat(fs.fstatSync(fd)),
  sync: (fd) =>
    new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
  close: (fd) => fs.closeSync(fd),
  rename: (from, to) => fs.renameSync(from, to),
  link: (existing, path) => fs.linkSync(existing, path),
  unlink: (path) => fs.unlinkSync(path),
  makeDirectory: (path) => fs.mkdirSync(path, { mode: DIRECTORY_MODE }),
  now: () => Date.now(),
};

function readBytes(path: string, from: number, length = Number.POSITIVE_INFINITY): Buffer {
  const fd = fs.openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(length, Math.max(0, fs.fstatSync(fd).size - from)));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    fs.closeSync(fd);
  }
}

function toStat(stat: fs.Stats): FileStat;
function toStat(stat: fs.Stats | undefined): FileStat | undefined;
function toStat(stat: fs.Stats | undefined): FileStat | undefined {
  if (!stat) return undefined;
  const { size, ino, mtimeMs } = stat;
  return { size, ino, mtimeMs, isDirectory: stat.isDirectory() };
}
