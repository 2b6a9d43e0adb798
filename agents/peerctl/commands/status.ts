import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { targets } from '../change.ts';
import { defineCommand } from '../command.ts';
import { ALL_NAMESPACES, NAMESPACE } from '../common-flags.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { toJson } from '../printers/structured.ts';
import { listOptions, scopeOf } from '../resources.ts';
import { chainOf } from '../status/chain.ts';
import { type PeerChain, printChain, summary } from '../status/print.ts';

export const command = defineCommand({
  arguments: '[[deployment/]NAME...]',
  arity: { least: 0, most: Number.POSITIVE_INFINITY },
  complete: 'deployment',
  description:
    'The chain leads from the manifest over signature, peer, admission, image and process to the probe; !! marks where it breaks.',
  examples: ['peerctl status', 'peerctl status web', 'peerctl status web -o json'],
  flags: {
    ...NAMESPACE,
    ...ALL_NAMESPACES,
    output: { type: 'string', short: 'o', value: 'json', choices: ['json'], help: 'the chain as data' },
  },
  async run(context, { flags, words }) {
    if (flags['all-namespaces'] && words.length > 0)
      throw new UsageError('name deployments or say -A, not both');
    const deployments = await select(context, words, flags);
    const reports = await Promise.all(deployments.map((deployment) => report(context, deployment)));
    if (flags.output === 'json')
      context.out.write(toJson(reports.map(({ deployment, chains }) => ({ ...named(deployment), chains }))));
    else if (reports.length === 0) context.err.line('No resources found.');
    else
      for (const [index, { deployment, chains }] of reports.entries()) {
        if (index > 0) context.out.line();
        context.out.line(summary(deployment, chains, context.clock.now()));
        for (const chain of chains) printChain(context.out, chain, chains.length > 1);
      }
    return undefined;
  },
});

async function select(
  context: Context,
  words: readonly string[],
  flags: Parameters<typeof scopeOf>[0],
): Promise<Deployment[]> {
  if (words.length > 0)
    return targets(context, words, { namespace: flags.namespace, selector: undefined, all: false });
  const { items } = await (await context.store()).list(
    'Deployment',
    listOptions('Deployment', scopeOf(flags)),
  );
  return items;
}

async function report(context: Context, deployment: Deployment) {
  const store = await context.store();
  const now = context.clock.now();
  const chains: PeerChain[] = await Promise.all(
    deployment.spec.placement.peers.map(async (peerName) => {
      const trustedPeer = await store.get({ kind: 'TrustedPeer', name: peerName });
      return { peer: peerName, links: chainOf({ deployment, peerName, trustedPeer, now }) };
    }),
  );
  return { deployment, chains };
}

function named({ metadata }: Deployment): { name: string; namespace: string | undefined } {
  return { name: metadata.name, namespace: metadata.namespace };
}
