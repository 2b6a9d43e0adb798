import { keyOf } from '../../../api/meta/object.ts';
import { printOperations, reference } from '../apply/output.ts';
import { defineCommand } from '../command.ts';
import { findAll } from '../resources.ts';

export const command = defineCommand({
  arguments: 'NAME...',
  arity: { least: 1, most: Number.POSITIVE_INFINITY },
  complete: 'peer',
  description:
    'Its connections are closed and its containers here are stopped at once. Deployments placed on it stay with us, unplaced.',
  examples: ['peerctl peers remove alice'],
  flags: {},
  async run(context, { words }) {
    const store = await context.store();
    const peers = await findAll(store, [{ kind: 'TrustedPeer', names: words }], { namespace: undefined });
    const removed = new Set(peers.map(({ metadata }) => metadata.name));
    const { items } = await store.list('Deployment', { owner: '' });
    for (const peer of peers) await store.delete(keyOf(peer));
    printOperations(
      context,
      peers.map((peer) => ({ name: reference(peer), word: 'removed' })),
    );
    const stranded = items.filter(({ spec }) => spec.placement.peers.some((name) => removed.has(name)));
    for (const deployment of stranded)
      context.warn(
        `${reference(deployment)} is placed on a peer that is trusted no more: its containers there cannot be reached from here`,
      );
    return undefined;
  },
});
