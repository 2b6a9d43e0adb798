import { canonicalHash } from '../../../api/meta/canonical.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import type { Peers } from '../../../controllers/ports/peers.ts';
import type { Applicable } from '../../../controllers/ports/store.ts';
import { copies } from '../../../controllers/sync/placement.ts';
import type { Preview } from '../session.ts';

/** A signed dry run on every peer that the Deployment names. */
export function previewAll(
  peers: Peers,
  deployment: Applicable<'Deployment'>,
  trustedPeer: (name: string) => Promise<TrustedPeer>,
): Promise<Preview[]> {
  const shares = copies(deployment);
  return Promise.all(
    [...shares].map(async ([peer, spec]): Promise<Preview> => {
      try {
        const { peerID } = (await trustedPeer(peer)).spec;
        return { peer, operation: await preview(peers, peerID, { ...deployment, spec }) };
      } catch (error) {
        if (error instanceof StatusError) return { peer, refused: error };
        throw error;
      }
    }),
  );
}

async function preview(
  peers: Peers,
  peerID: string,
  { apiVersion, kind, metadata, spec }: Applicable<'Deployment'>,
) {
  const { name, namespace } = metadata;
  const store = peers.store(peerID);
  const current = await store.get({ kind: 'Deployment', namespace, name });
  if (current && canonicalHash(current.spec) === canonicalHash(spec)) return 'unchanged';
  const uid = current?.metadata.uid ?? metadata.uid;
  // A write of the present generation with another spec would be refused as stale.
  const generation = (metadata.generation ?? 0) + 1;
  const manifest = { apiVersion, kind, metadata: { name, namespace, uid, generation }, spec };
  return (await store.apply(manifest, { dryRun: true })).operation;
}
