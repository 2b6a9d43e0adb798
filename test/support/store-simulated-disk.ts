import { posix } from 'node:path';
import type { DirectoryEntry, FileStat, FileSystem } from '../../agents/adapters/store/file-system.ts';
import { afterPowerLoss, type Choose } from './store-power-loss.ts';
import {
  apply,
  collect,
  type Directory,
  type File,
  isDirectory,
  type Node,
  newDirectory,
  toStat,
} from './store-simulated-nodes.ts';

/** A disk in memory that forgets what POSIX lets it forget: {@link afterPowerLoss} says what. */
export class SimulatedDisk implements FileSystem {
  #root: Directory = newDirectory(1, 0);
  readonly #open = new Map<number, Node>();
  #inodes = 1;
  #descriptors = 2;
  #time = 1_000_000;

  /** Whoever asks again and again sees time pass: nothing here takes any. */
  now(): number {
    this.#time += 60;
    return this.#time;
  }

  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }

  stat(path: string): FileStat | undefined {
    const node = this.#find(path);
    return node && toStat(node);
  }

  readText(path: string): string {
    return this.#file(path).bytes.toString();
  }

  readBytes(path: string, from: number, length = Number.POSITIVE_INFINITY): Buffer {
    const { bytes } = this.#file(path);
    return bytes.subarray(from, Math.min(bytes.length, from + length));
  }

  readDirectory(path: string): DirectoryEntry[] {
    const { entries } = this.#directory(path);
    return [...entries].map(([name, node]) => ({ name, isDirectory: isDirectory(node) }));
  }

  open(path: string, flags: 'r' | 'w' | 'wx' | 'a'): number {
    const found = this.#find(path);
    if (!found && flags === 'r') throw failure('ENOENT', 'open', path);
    if (found && flags === 'wx') throw failure('EEXIST', 'open', path);
    const node = found ?? this.#create(path);
    if (flags === 'w' && !isDirectory(node)) node.bytes = Buffer.alloc(0);
    this.#open.set(++this.#descriptors, node);
    return this.#descriptors;
  }

  write(fd: number, bytes: Uint8Array): number {
    const file = this.#opened(fd) as File;
    file.bytes = Buffer.concat([file.bytes, bytes]);
    file.mtimeMs = ++this.#time;
    return bytes.length;
  }

  statOpen(fd: number): FileStat {
    return toStat(this.#opened(fd));
  }

  async sync(fd: number): Promise<void> {
    const node = this.#opened(fd);
    if (!isDirectory(node)) {
      node.synced = node.bytes;
      return;
    }
    node.synced = new Map(node.entries);
    node.pending = [];
  }

  close(fd: number): void {
    this.#opened(fd);
    this.#open.delete(fd);
  }

  /** How many descriptors nobody has closed. */
  get descriptors(): number {
    return this.#open.size;
  }

  rename(from: string, to: string): void {
    const node = this.#find(from);
    if (!node) throw failure('ENOENT', 'rename', from);
    const [source, target] = [this.#directory(posix.dirname(from)), this.#directory(posix.dirname(to))];
    const [removal, addition] = [
      [posix.basename(from), undefined],
      [posix.basename(to), node],
    ] as const;
    if (source === target) this.#change(source, [[...removal], [...addition]]);
    else {
      this.#change(target, [[...addition]]);
      this.#change(source, [[...removal]]);
    }
  }

  link(existing: string, path: string): void {
    if (this.#find(path)) throw failure('EEXIST', 'link', path);
    this.#change(this.#directory(posix.dirname(path)), [[posix.basename(path), this.#file(existing)]]);
  }

  unlink(path: string): void {
    if (!this.#find(path)) throw failure('ENOENT', 'unlink', path);
    this.#change(this.#directory(posix.dirname(path)), [[posix.basename(path), undefined]]);
  }

  makeDirectory(path: string): void {
    if (this.#find(path)) throw failure('EEXIST', 'mkdir', path);
    const directory = newDirectory(++this.#inodes, ++this.#time);
    this.#change(this.#directory(posix.dirname(path)), [[posix.basename(path), directory]]);
  }

  /** The disk as a power loss may leave it, a minute later. This one goes on as it was. */
  afterPowerLoss(choose: Choose): SimulatedDisk {
    const disk = new SimulatedDisk();
    disk.#inodes = this.#inodes;
    disk.#time = this.#time + 60_000;
    disk.#root = afterPowerLoss(this.#root, choose);
    return disk;
  }

  /** Rot: other bytes, and nothing that says so. */
  corrupt(path: string, bytes: Buffer): void {
    const file = this.#file(path);
    file.bytes = bytes;
    file.synced = bytes;
  }

  /** Every file, by path. */
  files(): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    collect(this.#root, '', found);
    return found;
  }

  #create(path: string): File {
    const bytes = Buffer.alloc(0);
    const file = { ino: ++this.#inodes, mtimeMs: ++this.#time, bytes, synced: bytes };
    this.#change(this.#directory(posix.dirname(path)), [[posix.basename(path), file]]);
    return file;
  }

  #change(directory: Directory, changes: [string, Node | undefined][]): void {
    directory.pending.push(changes);
    directory.mtimeMs = ++this.#time;
    apply(directory.entries, changes);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (!node || !isDirectory(node)) return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  #file(path: string): File {
    const node = this.#find(path);
    if (!node || isDirectory(node)) throw failure(node ? 'EISDIR' : 'ENOENT', 'open', path);
    return node;
  }

  #directory(path: string): Directory {
    const node = this.#find(path);
    if (!node || !isDirectory(node)) throw failure(node ? 'ENOTDIR' : 'ENOENT', 'open', path);
    return node;
  }

  #opened(fd: number): Node {
    const node = this.#open.get(fd);
    if (!node) throw failure('EBADF', 'fstat');
    return node;
  }
}

/** An error as Node throws it; those about descriptors name no path. */
export function failure(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall}`), {
    code,
    syscall,
    ...(path !== undefined && { path }),
  });
}
