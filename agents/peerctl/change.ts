import type { MergePatch } from '../../api/meta/merge-patch.ts';
import { keyOf } from '../../api/meta/object.ts';
import type { AnyObject, Deployment } from '../../api/v1alpha1/types.ts';
import { printOperations, reference } from './apply/output.ts';
import { FOLLOW, NAMESPACE, SELECTOR } from './common-flags.ts';
import type { Context } from './context.ts';
import { CommandError, UsageError } from './errors.ts';
import type { Parsed, Values } from './flags.ts';
import { follow } from './follow/follow.ts';
import { shortID } from './printers/column.ts';
import { parseQueries } from './queries.ts';
import { findAll, scopeOf } from './resources.ts';

/** Flags and arguments of every command that changes Deployments by name. */
export const CHANGE_FLAGS = {
  ...NAMESPACE,
  ...SELECTOR,
  all: { type: 'boolean', help: 'every Deployment of the namespace' },
  ...FOLLOW,
} as const;

export const CHANGE_ARGUMENTS = {
  arguments: '[deployment/]NAME...',
  arity: { least: 0, most: Number.POSITIVE_INFINITY },
  complete: 'deployment',
} as const;

type ChangeFlags = Values<typeof CHANGE_FLAGS>;

/** Patches the named Deployments' specs, says `past` of each, and follows them. */
export async function changeDeployments(
  context: Context,
  parsed: Parsed<typeof CHANGE_FLAGS>,
  past: string,
  patchFor: (deployment: Deployment) => MergePatch,
): Promise<number> {
  const deployments = await targets(context, parsed.words, parsed.flags);
  for (const deployment of deployments) refuseForeign(deployment);
  const patches = deployments.map((deployment) => ({ deployment, patch: patchFor(deployment) }));
  const store = await context.store();
  for (const { deployment, patch } of patches) await store.patch(keyOf(deployment), patch);
  printOperations(
    context,
    deployments.map((deployment) => ({ name: reference(deployment), word: past })),
  );
  return follow(context, deployments.map(keyOf), parsed.flags);
}

/** The Deployments that the arguments name. @throws CommandError */
export async function targets(
  context: Context,
  words: readonly string[],
  flags: Pick<ChangeFlags, 'namespace' | 'selector' | 'all'>,
): Promise<Deployment[]> {
  const everyOne = flags.all || flags.selector !== undefined;
  if (words.length === 0 && !everyOne) throw new UsageError('name a deployment, or say --all');
  const queries = words.length === 0 ? [{ kind: 'Deployment' as const, names: [] }] : parseQueries(words);
  const [other] = queries.filter(({ kind }) => kind !== 'Deployment');
  if (other)
    throw new UsageError(
      `this is for deployments, not for a ${other.kind}; a deployment of that name is deployment/NAME`,
    );
  if (!everyOne && queries.some(({ names }) => names.length === 0))
    throw new UsageError('name a deployment, or say --all');
  const found = (await findAll(await context.store(), queries, scopeOf(flags))) as Deployment[];
  if (found.length === 0) context.err.line('No resources found.');
  return found;
}

/** A spec is signed by its owner: with another hand in it, it would not run. */
export function refuseForeign({ metadata }: AnyObject): void {
  if (metadata.owner !== undefined)
    throw new CommandError(
      `"${metadata.name}" belongs to ${shortID(metadata.owner)}, who alone can change it; delete it, or end the trust with "peerctl peers remove"`,
    );
}
