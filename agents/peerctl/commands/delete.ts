import { type Kind, kindInfo } from '../../../api/kinds.ts';
import { formatKey, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import type { DeleteOptions, Store } from '../../../controllers/ports/store.ts';
import { printOperations, reference } from '../apply/output.ts';
import { defineCommand } from '../command.ts';
import { ALL_NAMESPACES, FILENAME, FOLLOW, NAMESPACE, SELECTOR } from '../common-flags.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { Values } from '../flags.ts';
import { follow } from '../follow/follow.ts';
import { parseQueries } from '../queries.ts';
import { find, scopeOf } from '../resources.ts';

const flags = {
  ...FILENAME,
  ...NAMESPACE,
  ...ALL_NAMESPACES,
  ...SELECTOR,
  all: { type: 'boolean', help: 'every object of the kind' },
  'ignore-not-found': { type: 'boolean', help: 'what is not there is no failure' },
  'grace-period': {
    type: 'integer',
    value: 'SECONDS',
    help: "time that containers get to end, instead of the spec's own",
  },
  force: { type: 'boolean', help: 'end containers at once: the same as --grace-period 0' },
  ...FOLLOW,
} as const;

type DeleteFlags = Values<typeof flags>;

export const command = defineCommand({
  arguments: '[KIND|KIND/NAME|NAME [NAME...]]',
  arity: { least: 0, most: Number.POSITIVE_INFINITY },
  complete: 'resource',
  description:
    'A Deployment goes when its peers have removed its containers; a peer that does not answer does so when it is back.',
  examples: [
    'peerctl delete web',
    'peerctl delete -f deploy.yaml',
    'peerctl delete deploy -l app=shop',
    'peerctl delete peer/alice',
  ],
  flags,
  async run(context, { flags, words }) {
    const store = await context.store();
    const objects = await select(context, store, words, flags);
    const options: DeleteOptions = grace(flags);
    for (const object of objects) await store.delete<Kind>(keyOf(object), options);
    printOperations(
      context,
      objects.map((object) => ({ name: reference(object), word: 'deleted' })),
    );
    return follow(context, await remaining(store, objects), flags);
  },
});

/** Everything to delete; nothing is deleted when one of the names is wrong. */
async function select(
  context: Context,
  store: Store,
  words: readonly string[],
  flags: DeleteFlags,
): Promise<AnyObject[]> {
  if (flags.filename.length > 0) return fromManifests(context, store, words, flags);
  if (words.length === 0) throw new UsageError('say what to delete: a name, KIND/NAME, or -f FILE');
  const queries = parseQueries(words);
  const broad = flags.all || flags.selector !== undefined;
  const [nameless] = queries.filter(({ names }) => names.length === 0);
  if (nameless && !broad)
    throw new UsageError(
      `say which ${kindInfo(nameless.kind).plural} to delete: names, -l SELECTOR or --all`,
    );
  const found = await Promise.all(queries.map((query) => find(store, query, scopeOf(flags))));
  const [missing] = found.flatMap((result) => result.missing);
  if (missing && !flags['ignore-not-found']) throw missing;
  const objects = found.flatMap<AnyObject>((result) => result.objects);
  if (objects.length === 0) context.err.line('No resources found.');
  return objects;
}

async function fromManifests(
  context: Context,
  store: Store,
  words: readonly string[],
  flags: DeleteFlags,
): Promise<AnyObject[]> {
  if (words.length > 0) throw new UsageError('name objects or give manifests with -f, not both');
  const { readManifests } = await import('../apply/read-manifests.ts');
  const desired = await readManifests(context, flags);
  const found = await Promise.all(desired.map(({ manifest }) => store.get<Kind>(keyOf(manifest))));
  const objects = found.filter((object) => object !== undefined);
  if (objects.length < desired.length)
    context.err.line(`${desired.length - objects.length} not found, so not deleted`);
  return objects;
}

function grace(flags: DeleteFlags): DeleteOptions {
  const seconds = flags.force ? 0 : flags['grace-period'];
  return seconds === undefined ? {} : { gracePeriodSeconds: seconds };
}

/** Deployments of our own that their peers still have to let go. A guest's is for the agent here to remove. */
async function remaining(store: Store, objects: readonly AnyObject[]): Promise<ObjectKey<'Deployment'>[]> {
  const keys = objects.flatMap((object) =>
    object.kind === 'Deployment' && object.metadata.owner === undefined ? [keyOf(object)] : [],
  );
  const left = await Promise.all(keys.map((key) => store.get(key)));
  const present = new Set(left.flatMap((object) => (object ? [formatKey(keyOf(object))] : [])));
  return keys.filter((key) => present.has(formatKey(key)));
}
