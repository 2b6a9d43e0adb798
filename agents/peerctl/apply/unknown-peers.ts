import { nearest } from '../../../api/meta/names.ts';
import type { Context } from '../context.ts';
import type { Change, ReadableStore } from './plan.ts';

/** A name that no TrustedPeer has may be a slip or may come with the next file: it is no error, but it is said. */
export async function warnOfUnknownPeers(
  context: Context,
  store: ReadableStore,
  changes: readonly Change[],
): Promise<void> {
  const { items } = await store.list('TrustedPeer');
  const applied = changes
    .filter(({ next }) => next.kind === 'TrustedPeer')
    .map(({ next }) => next.metadata.name);
  const known = new Set([...items.map(({ metadata }) => metadata.name), ...applied]);
  for (const { desired } of changes) {
    const { file, line, manifest } = desired;
    if (!('placement' in manifest.spec)) continue;
    for (const peer of manifest.spec.placement.peers.filter((name) => !known.has(name))) {
      const near = nearest(peer, known);
      const hint = near ? `did you mean ${near}?` : '"peerctl peers add" makes one';
      context.warn(`${file}:${line}: spec.placement.peers: there is no TrustedPeer "${peer}"; ${hint}`);
    }
  }
}
