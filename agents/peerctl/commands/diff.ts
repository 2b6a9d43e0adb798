import { comparable } from '../apply/comparable.ts';
import { previewAll, reportPreview } from '../apply/dry-run.ts';
import { reference } from '../apply/output.ts';
import { type Change, planChanges } from '../apply/plan.ts';
import { findPrunable } from '../apply/prune.ts';
import { type ManifestFlags, readManifests } from '../apply/read-manifests.ts';
import { defineCommand } from '../command.ts';
import { FILENAME, NAMESPACE } from '../common-flags.ts';
import type { Context } from '../context.ts';
import { CommandError, ExitCode, exitCodeOf } from '../errors.ts';
import { unifiedDiff } from '../printers/unified-diff.ts';

/** As diff(1): 1 tells of a difference, and a failure ends with more than that. */
const DIFFERENT = 1;
const FAILED = 2;

export const command = defineCommand({
  description: [
    'Values of environment variables are masked. Each peer of a Deployment that would change is asked what it would say.',
    '',
    'Exit codes: 0 no difference; 1 differences; more than 1: an error.',
  ].join('\n'),
  examples: [
    'peerctl diff -f deploy.yaml',
    'peerctl diff -f manifests/ -R --prune',
    'peerctl diff -f web.yaml --peers=false',
  ],
  flags: {
    ...FILENAME,
    ...NAMESPACE,
    prune: { type: 'boolean', help: 'show what apply --prune would delete' },
    peers: { type: 'boolean', default: true, help: 'ask the peers what they would say' },
  },
  async run(context, { flags }) {
    try {
      return await diff(context, flags);
    } catch (error) {
      if (exitCodeOf(error) !== DIFFERENT) throw error;
      throw new CommandError((error as Error).message, FAILED);
    }
  },
});

async function diff(
  context: Context,
  flags: ManifestFlags & { prune: boolean; peers: boolean },
): Promise<number> {
  const desired = await readManifests(context, flags);
  const store = await context.store();
  const changes = (await planChanges(store, desired)).filter(({ operation }) => operation !== 'unchanged');
  const prunable = flags.prune ? await findPrunable(store, desired, flags) : [];
  for (const { live, next, desired } of changes) {
    const old = live ? `live/${reference(live)}` : '/dev/null';
    context.out.write(unifiedDiff(...comparable(live, next), old, `${desired.file}/${reference(next)}`));
  }
  for (const object of prunable)
    context.out.write(
      unifiedDiff(...comparable(object, undefined), `live/${reference(object)}`, '/dev/null'),
    );
  if (flags.peers) await askPeers(context, changes);
  return changes.length + prunable.length > 0 ? DIFFERENT : ExitCode.Done;
}

/** What the peers would say is worth knowing; that they cannot be asked makes the difference no smaller. */
async function askPeers(context: Context, changes: readonly Change[]): Promise<void> {
  try {
    for (const { next, previews } of await previewAll(context, changes))
      for (const preview of previews) reportPreview(context, next, preview);
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.warn(`the peers could not be asked: ${(error as Error).message}`);
  }
}
