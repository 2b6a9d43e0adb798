import type { FileStat } from '../../agents/adapters/store/file-system.ts';

/** What a simulated disk consists of, as it is and as a power loss may leave it. */

export interface File {
  ino: number;
  mtimeMs: number;
  bytes: Buffer;
  /** What of it a power loss is known to leave. */
  synced: Buffer;
}

export interface Directory {
  ino: number;
  mtimeMs: number;
  entries: Map<string, Node>;
  synced: Map<string, Node>;
  /** Changes of entries since the last sync, in order. */
  pending: [name: string, node: Node | undefined][][];
}

export type Node = File | Directory;

/** Puts every file at or below `node` into `found`, by path. */
export function collect(node: Node, path: string, found: Map<string, Buffer>): void {
  if (!isDirectory(node)) found.set(path, node.bytes);
  else for (const [name, child] of node.entries) collect(child, `${path}/${name}`, found);
}

/** Makes changes in their order: an entry without a node goes. */
export function apply(entries: Map<string, Node>, changes: [string, Node | undefined][]): void {
  for (const [name, node] of changes)
    if (node) entries.set(name, node);
    else entries.delete(name);
}

export function newDirectory(ino: number, mtimeMs: number): Directory {
  return { ino, mtimeMs, entries: new Map(), synced: new Map(), pending: [] };
}

export function isDirectory(node: Node): node is Directory {
  return 'entries' in node;
}

export function toStat(node: Node): FileStat {
  const { ino, mtimeMs } = node;
  return { ino, mtimeMs, size: isDirectory(node) ? 0 : node.bytes.length, isDirectory: isDirectory(node) };
}
