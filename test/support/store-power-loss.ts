import { apply, type Directory, type File, isDirectory, type Node } from './store-simulated-nodes.ts';

/** Picks one of `count` possibilities. */
export type Choose = (count: number) => number;

/**
 * What a power loss may leave. Of the entries of a directory it keeps any prefix of the changes since its last sync,
 * each directory for itself; of a file's bytes any prefix beyond the last sync, or zeros in their place.
 */
export function afterPowerLoss(root: Directory, choose: Choose): Directory {
  return survivor(root, choose, new Map()) as Directory;
}

function survivor(node: Node, choose: Choose, known: Map<Node, Node>): Node {
  const seen = known.get(node);
  if (seen) return seen;
  const { ino, mtimeMs } = node;
  if (!isDirectory(node)) {
    const bytes = survivingBytes(node, choose);
    const file = { ino, mtimeMs, bytes, synced: bytes };
    known.set(node, file);
    return file;
  }
  const kept = new Map(node.synced);
  for (const changes of node.pending.slice(0, choose(node.pending.length + 1))) apply(kept, changes);
  const entries = new Map([...kept].map(([name, child]) => [name, survivor(child, choose, known)]));
  return { ino, mtimeMs, entries, synced: new Map(entries), pending: [] };
}

function survivingBytes({ bytes, synced }: File, choose: Choose): Buffer {
  if (bytes === synced) return bytes;
  const beyond = Math.max(0, bytes.length - synced.length);
  const length = [synced.length, synced.length + Math.floor(beyond / 2), bytes.length][choose(3)] ?? 0;
  const rest = choose(2) === 0 ? Buffer.alloc(0) : Buffer.alloc(Math.max(0, bytes.length - length));
  return Buffer.concat([bytes.subarray(0, length), rest]);
}
