import { matches } from '../../../api/meta/labels.ts';
import { dryRun } from '../apply/dry-run.ts';
import { NO_OBJECTS, planChanges } from '../apply/plan.ts';
import { findPrunable } from '../apply/prune.ts';
import { readManifests } from '../apply/read-manifests.ts';
import { warnOfUnknownPeers } from '../apply/unknown-peers.ts';
import { writeAndFollow } from '../apply/write.ts';
import { defineCommand } from '../command.ts';
import { FILENAME, FOLLOW, NAMESPACE, OUTPUT, SELECTOR } from '../common-flags.ts';
import { printerFor } from '../printers/printer.ts';
import { selectorOf } from '../resources.ts';

export const command = defineCommand({
  description: [
    'Everything is validated before anything is written. Fields that the manifest does not name keep what scale, restart',
    'and edit made of them; fields that an earlier apply named and this one does not are removed. Then the specs are',
    'delivered to their peers, and followed until they are ready.',
    '',
    'Exit codes: 0 done; 1 failed; 2 mistake in a manifest, nothing written; 3 not ready in time; 4 refused by a peer;',
    '5 a peer does not answer: the spec is stored, and delivered later.',
  ].join('\n'),
  examples: [
    'peerctl apply -f deploy.yaml',
    'peerctl apply -f manifests/ -R --prune',
    'peerctl apply -f https://example.com/web.yaml --dry-run=server',
    'peerctl deploy nginx:alpine --peer alice --dry-run -o yaml | peerctl apply -f -',
  ],
  flags: {
    ...FILENAME,
    ...NAMESPACE,
    ...SELECTOR,
    ...OUTPUT,
    'dry-run': {
      type: 'string',
      value: 'client|server',
      implied: 'client',
      choices: ['none', 'client', 'server'],
      help: 'validate and show, but write nothing; server also asks the peers',
    },
    prune: {
      type: 'boolean',
      help: 'delete what came from the same -f earlier, or has the labels of -l, and is in no manifest now',
    },
    ...FOLLOW,
  },
  async run(context, { flags }) {
    const printer = await printerFor(flags.output);
    const isDryRun = flags['dry-run'] === 'client' || flags['dry-run'] === 'server';
    const selector = selectorOf(flags.selector ?? '');
    const all = await readManifests(context, flags);
    const desired = all.filter(({ manifest }) => matches(selector, manifest.metadata.labels));
    const store = isDryRun ? ((await context.storeIfAny()) ?? NO_OBJECTS) : await context.store();
    const changes = await planChanges(store, desired);
    const prunable = flags.prune ? await findPrunable(store, all, flags) : [];
    if (!isDryRun) return writeAndFollow(context, changes, prunable, printer, flags);
    await warnOfUnknownPeers(context, store, changes);
    return dryRun(context, changes, prunable, printer, flags['dry-run'] === 'server');
  },
});
