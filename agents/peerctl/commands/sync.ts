import { loadAll } from '../../adapters/store/later.ts';
import { stayLean } from '../../adapters/system/memory.ts';
import { printChanges } from '../apply/output.ts';
import { planChanges } from '../apply/plan.ts';
import { findPrunable } from '../apply/prune.ts';
import { type ManifestFlags, readManifests } from '../apply/read-manifests.ts';
import { writeAll } from '../apply/write.ts';
import { defineCommand } from '../command.ts';
import { FILENAME, NAMESPACE } from '../common-flags.ts';
import type { Context } from '../context.ts';
import { errorLines, UsageError } from '../errors.ts';
import { reportOutcomes } from '../follow/report.ts';
import { ManifestSource } from '../sync/manifest-source.ts';
import { tellTroubles } from '../sync/tell-troubles.ts';

export const command = defineCommand({
  description: [
    'Without --watch, once: every spec is delivered and every status fetched; nothing is waited for. The exit code is that',
    'of "peerctl apply --wait=false".',
    'With -f, the manifests are applied first; with --watch, again whenever they change: a repository of manifests is then',
    'what runs. A mistake in a manifest changes nothing, is reported, and is looked at again when the file changes.',
  ].join('\n'),
  examples: ['peerctl sync', 'peerctl sync --watch', 'peerctl sync -f ./manifests -R --prune --watch'],
  flags: {
    ...FILENAME,
    ...NAMESPACE,
    watch: { type: 'boolean', short: 'w', help: 'go on for ever' },
    prune: { type: 'boolean', help: 'delete what came from the same -f earlier and is in no manifest now' },
  },
  async run(context, { flags }) {
    if (flags.prune && flags.filename.length === 0) throw new UsageError('--prune needs -f');
    return flags.watch ? syncForEver(context, flags) : syncOnce(context, flags);
  },
});

type SyncFlags = ManifestFlags & { prune: boolean };

async function syncOnce(context: Context, flags: SyncFlags): Promise<number> {
  if (flags.filename.length > 0) await applyManifests(context, flags);
  const store = await context.store();
  await (await context.session()).sync({ watch: false }, context.signal);
  context.signal.throwIfAborted();
  const { items } = await store.list('Deployment', { owner: '' });
  return reportOutcomes(context, items, { wait: false, timeout: 0 }, false);
}

/** Ends by Ctrl-C, as it is meant to, or because the session cannot go on. */
async function syncForEver(context: Context, flags: SyncFlags): Promise<undefined> {
  stayLean();
  // An update may replace the files while it goes on.
  await loadAll();
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const session = await context.session();
  const following = Promise.all([followManifests(context, flags, signal), tellTroubles(context, signal)]);
  try {
    const onStandby = () =>
      context.err.line('another peerctl syncs this state directory; this one takes over when it ends');
    await session.sync({ watch: true, onStandby }, signal);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    ended.abort();
    await following;
  }
}

async function followManifests(context: Context, flags: SyncFlags, signal: AbortSignal): Promise<void> {
  if (flags.filename.length === 0) return;
  const source = new ManifestSource(context, { cwd: context.cwd, filename: flags.filename });
  const changes = source.changes(context, signal);
  await tryToApply(context, flags);
  for await (const _ of changes) await tryToApply(context, flags);
}

/** Nobody stands by: what is wrong is said, and the last good state stays. */
async function tryToApply(context: Context, flags: SyncFlags): Promise<void> {
  try {
    await applyManifests(context, flags);
  } catch (error) {
    for (const line of errorLines(error)) context.fail(line);
  }
}

async function applyManifests(context: Context, flags: SyncFlags): Promise<void> {
  const desired = await readManifests(context, flags);
  const store = await context.store();
  const changes = await planChanges(store, desired);
  const prunable = flags.prune ? await findPrunable(store, desired, flags) : [];
  const written = await writeAll(store, changes, prunable);
  printChanges(
    context,
    written.filter(({ operation }) => operation !== 'unchanged'),
    prunable,
    undefined,
  );
}
