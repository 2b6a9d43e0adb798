import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Ledger } from '../../controllers/admission/ledger.ts';
import type { Informer } from '../../controllers/core/informer.ts';

/** Keeps the books on what Deployments lay claim to. */
export function followUsage(deployments: Informer<'Deployment'>, ledger: Ledger): void {
  deployments.addHandler({
    onAdd: (object) => ledger.observe(object),
    onUpdate: (_, after) => ledger.observe(after),
    onDelete: (object) => ledger.forget(object),
  });
}

/** What a peer has here: all of it is looked at again when our trust in the peer changes. */
export function keysOwnedBy(deployments: Iterable<Deployment>, peerID: string): ObjectKey<'Deployment'>[] {
  return [...deployments]
    .filter(({ metadata }) => metadata.owner === peerID)
    .map((object) => keyOf(object) as ObjectKey<'Deployment'>);
}
