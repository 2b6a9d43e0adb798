import { type Kind, kindInfo } from '../../api/kinds.ts';
import { parseSelector, type Selector } from '../../api/meta/labels.ts';
import { nearest } from '../../api/meta/names.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';
import type { ListOptions, Store } from '../../controllers/ports/store.ts';
import { CommandError, UsageError } from './errors.ts';
import { nearestKind, type Query } from './queries.ts';

export const DEFAULT_NAMESPACE = 'default';

/** Where to look. */
export interface Scope {
  /** Undefined: every namespace. */
  namespace: string | undefined;
  selector?: string | undefined;
}

interface ScopeFlags {
  namespace?: string | undefined;
  'all-namespaces'?: boolean;
  selector?: string | undefined;
}

export function scopeOf(flags: ScopeFlags): Scope {
  const all = flags['all-namespaces'] ?? false;
  return { namespace: all ? undefined : (flags.namespace ?? DEFAULT_NAMESPACE), selector: flags.selector };
}

/** A short id for people: it stays when an object is renamed elsewhere, and no other object ever has it. */
export function objectID(uid: string): string {
  // Loading it takes longer than all of ours, and most tables show no ids.
  const { hash } = process.getBuiltinModule('node:crypto');
  return `dep-${hash('sha256', uid).slice(0, 10)}`;
}

const OBJECT_ID = /^dep-[0-9a-f]{10}$/;

/** The objects of a query that exist, and a sentence for each name that does not. */
export async function find<K extends Kind>(
  store: Store,
  { kind, names }: Query & { kind: K },
  scope: Scope,
): Promise<{ objects: ObjectOf<K>[]; missing: CommandError[] }> {
  const options = listOptions(kind, scope);
  if (names.length === 0) return { objects: sorted((await store.list(kind, options)).items), missing: [] };
  if (options.selector) throw new UsageError('name objects or select them by label, not both');
  const found = await Promise.all(names.map((name) => findOne(store, kind, name, scope)));
  return {
    objects: found.filter((one) => !(one instanceof CommandError)) as ObjectOf<K>[],
    missing: found.filter((one) => one instanceof CommandError),
  };
}

/** The objects of all queries, every one of which must exist. @throws CommandError */
export async function findAll(
  store: Store,
  queries: readonly Query[],
  scope: Scope,
): Promise<ObjectOf<Kind>[]> {
  const found = await Promise.all(queries.map((query) => find(store, query, scope)));
  const [missing] = found.flatMap((result) => result.missing);
  if (missing) throw missing;
  return found.flatMap(({ objects }) => objects);
}

export function listOptions(kind: Kind, { namespace, selector }: Scope): ListOptions {
  const options: ListOptions = {};
  if (namespace !== undefined && kindInfo(kind).namespaced) options.namespace = namespace;
  if (selector !== undefined) options.selector = selectorOf(selector);
  return options;
}

/** @throws UsageError */
export function selectorOf(text: string): Selector {
  try {
    return parseSelector(text);
  } catch (error) {
    throw new UsageError((error as RangeError).message);
  }
}

/** Our own object first, without a look at any other; then an id; then what guests hold here under that name. */
async function findOne<K extends Kind>(
  store: Store,
  kind: K,
  name: string,
  { namespace }: Scope,
): Promise<ObjectOf<K> | CommandError> {
  const { namespaced } = kindInfo(kind);
  if (namespace !== undefined || !namespaced) {
    const own = await store.get({ kind, name, ...(namespaced ? { namespace } : {}) });
    if (own) return own;
  }
  const everything = sorted((await store.list(kind)).items);
  const [one, other] = everything.filter(({ metadata }) =>
    OBJECT_ID.test(name)
      ? objectID(metadata.uid) === name
      : metadata.name === name &&
        (!namespaced || namespace === undefined || metadata.namespace === namespace),
  );
  if (one && other) return ambiguous(kind, name);
  return one ?? notFound(kind, name, namespace, everything);
}

function ambiguous(kind: Kind, name: string): CommandError {
  return new CommandError(
    `${kindInfo(kind).singular} "${name}" exists more than once: add -n, or use the id that get -o wide shows`,
  );
}

function notFound(
  kind: Kind,
  name: string,
  namespace: string | undefined,
  everything: readonly ObjectOf<Kind>[],
): CommandError {
  const { singular, namespaced } = kindInfo(kind);
  const where = namespaced && namespace !== undefined ? ` in namespace ${namespace}` : '';
  return new CommandError(`${singular} "${name}" not found${where}${suggestion(kind, name, everything)}`);
}

function suggestion(kind: Kind, name: string, everything: readonly ObjectOf<Kind>[]): string {
  const elsewhere = everything.find(({ metadata }) => metadata.name === name);
  if (elsewhere)
    return `; there is one in namespace ${elsewhere.metadata.namespace}: add -n ${elsewhere.metadata.namespace}`;
  const near = nearest(
    name,
    everything.map(({ metadata }) => metadata.name),
  );
  if (near) return `; did you mean ${near}?`;
  const kindMeant = kind === 'Deployment' ? nearestKind(name) : undefined;
  return kindMeant ? `; did you mean the kind ${kindMeant}?` : '';
}

function sorted<T extends ObjectOf<Kind>>(objects: readonly T[]): T[] {
  const order = ({ metadata }: T) =>
    [metadata.namespace ?? '', metadata.name, metadata.owner ?? ''].join('/');
  return objects
    .map((object) => ({ object, key: order(object) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ object }) => object);
}
