import { join, relative, resolve, sep } from 'node:path';
import { type Kind, kindInfo } from '../../../api/kinds.ts';
import type { ObjectKey } from '../../../api/meta/object.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';
import { isAbsent } from './file-errors.ts';
import type { DirectoryEntry, FileSystem } from './file-system.ts';
import { isKey } from './keys.ts';

/** What people write, what machines keep about it, and what they observe. */
export type Tree = 'manifests' | 'records' | 'status';

/** The files of one object. */
export interface ObjectPaths {
  /** What a person edits; undefined for kinds that only machines write. */
  manifest: string | undefined;
  /** All but the status, as it was last accepted. */
  record: string;
  /** The record that a write under way will put in place of {@link record}. */
  next: string;
  status: string;
}

export const MANIFEST_SUFFIX = '.yaml';
export const RECORD_SUFFIX = '.json';
export const NEXT_SUFFIX = '.next';

/** Where everything in a state directory is. */
export class Layout {
  readonly directory: string;

  constructor({ directory }: { directory: string }) {
    this.directory = resolve(directory);
  }

  /** Held during one write. */
  get lock(): string {
    return join(this.directory, 'lock');
  }

  /** No revision above the one in here has been given out. */
  get revision(): string {
    return join(this.directory, 'revision');
  }

  /** What was written since the machine started, or lately. */
  get journal(): string {
    return join(this.directory, 'journal');
  }

  get quarantine(): string {
    return join(this.directory, 'quarantine');
  }

  /** The root of one kind's files. */
  root(tree: Tree, kind: Kind): string {
    return `${this.directory}/${tree}/${kindInfo(kind).plural}`;
  }

  /** The key must have been checked: its parts become directories. */
  paths(key: ObjectKey<Kind>): ObjectPaths {
    const below = [key.owner, key.namespace, key.name].filter((part) => part !== undefined).join('/');
    const inTree = (tree: Tree) => `${this.root(tree, key.kind)}/${below}`;
    return {
      manifest: isEphemeral(key.kind) ? undefined : `${inTree('manifests')}${MANIFEST_SUFFIX}`,
      record: `${inTree('records')}${RECORD_SUFFIX}`,
      next: `${inTree('records')}${NEXT_SUFFIX}`,
      status: `${inTree('status')}${RECORD_SUFFIX}`,
    };
  }
}

/** The key of the object whose manifest is at a path, if one could be there. */
export function keyOfManifest(layout: Layout, kind: Kind, path: string): ObjectKey<Kind> | undefined {
  const parts = relative(layout.root('manifests', kind), path).split(sep);
  const file = parts.pop() ?? '';
  const depth = kindInfo(kind).namespaced ? 1 : 0;
  const owner = parts.length > depth ? parts.shift() : undefined;
  const key = { kind, owner, namespace: parts.shift(), name: file.slice(0, -MANIFEST_SUFFIX.length) };
  return parts.length === 0 && file.endsWith(MANIFEST_SUFFIX) && isKey(key) ? key : undefined;
}

/** Kinds that only machines write: no manifest, and not synced. */
export function isEphemeral(kind: Kind): boolean {
  return kindInfo(kind).ephemeral === true;
}

/** A directory that may hold files of objects, and which owner and namespace they have there. */
export interface Place {
  directory: string;
  owner: string | undefined;
  namespace: string | undefined;
  entries: DirectoryEntry[];
}

/**
 * The directories of one tree and kind, as far as they can hold what is asked for. How deep a file
 * lies tells whether it belongs to an owner.
 */
export function* places(
  fileSystem: FileSystem,
  layout: Layout,
  tree: Tree,
  kind: Kind,
  scope: Pick<ListOptions, 'owner' | 'namespace'> = {},
): Generator<Place> {
  const depth = kindInfo(kind).namespaced ? 1 : 0;
  yield* walk(fileSystem, layout.root(tree, kind), [], depth, scope);
}

function* walk(
  fileSystem: FileSystem,
  directory: string,
  parents: string[],
  depth: number,
  scope: Pick<ListOptions, 'owner' | 'namespace'>,
): Generator<Place> {
  const entries = readEntries(fileSystem, directory);
  const [owner, namespace] = parents.length > depth ? parents : [undefined, parents[0]];
  const wanted =
    (scope.owner ?? owner ?? '') === (owner ?? '') && (scope.namespace ?? namespace) === namespace;
  if (parents.length >= depth && wanted) yield { directory, owner, namespace, entries };
  if (parents.length > depth) return;
  for (const { name, isDirectory } of entries)
    if (isDirectory) yield* walk(fileSystem, join(directory, name), [...parents, name], depth, scope);
}

/** Sorted, so that lists are. */
function readEntries(fileSystem: FileSystem, directory: string): DirectoryEntry[] {
  try {
    return fileSystem.readDirectory(directory).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
