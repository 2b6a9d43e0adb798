import { canonicalHash } from '../../api/meta/canonical.ts';
import { diffPatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { isStatusError } from '../../api/meta/status-error.ts';
import { exposeHash } from '../../api/protocol/expose-hash.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Store } from '../ports/store.ts';

/** Whether a peer's copy is of this very object and says exactly what it should. */
export function isDelivered(
  deployment: Deployment,
  spec: DeploymentSpec,
  remote: Deployment | undefined,
): boolean {
  return (
    remote !== undefined &&
    !remote.metadata.deletionTimestamp &&
    remote.metadata.uid === deployment.metadata.uid &&
    canonicalHash(remote.spec) === canonicalHash(spec)
  );
}

/**
 * Makes the peer's copy say `spec` with the smallest message: nothing, a diff, or the whole spec.
 * @returns the copy afterwards; undefined while one of an earlier object of the same name is being removed.
 */
export async function deliver(
  peer: Store,
  deployment: Deployment,
  spec: DeploymentSpec,
  remote: Deployment | undefined,
): Promise<Deployment | undefined> {
  if (isDelivered(deployment, spec, remote)) return remote;
  if (remote && (remote.metadata.deletionTimestamp || remote.metadata.uid !== deployment.metadata.uid)) {
    await withdraw(peer, deployment, remote);
    return undefined;
  }
  return remote ? await patchOrApply(peer, deployment, spec, remote) : await apply(peer, deployment, spec);
}

/** Asks the peer to give up its copy. @returns the copy while it is being removed, undefined when it is gone. */
export async function withdraw(
  peer: Store,
  deployment: Deployment,
  remote: Deployment,
): Promise<Deployment | undefined> {
  if (remote.metadata.deletionTimestamp) return remote;
  const { deletionGracePeriodSeconds } = deployment.metadata;
  const { uid } = remote.metadata;
  return peer.delete(remoteKey(deployment), { uid, gracePeriodSeconds: deletionGracePeriodSeconds });
}

/** Our objects have no owner here; on the peer we are the owner, and it knows that from the connection. */
export function remoteKey({ metadata }: Deployment): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', namespace: metadata.namespace, name: metadata.name };
}

async function patchOrApply(
  peer: Store,
  deployment: Deployment,
  spec: DeploymentSpec,
  remote: Deployment,
): Promise<Deployment> {
  const patch = diffPatch(remote.spec, spec);
  if (patch === undefined) return remote;
  try {
    const { uid, generation } = deployment.metadata;
    const hashes = {
      base: canonicalHash(remote.spec),
      result: canonicalHash(spec),
      expose: exposeHash(spec),
    };
    return await peer.patch(remoteKey(deployment), { spec: patch }, { ...hashes, uid, generation });
  } catch (error) {
    // Its copy is not the one we made the diff for: the whole spec needs no base.
    if (isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound'))
      return apply(peer, deployment, spec);
    throw error;
  }
}

async function apply(
  peer: Store,
  { apiVersion, kind, metadata }: Deployment,
  spec: DeploymentSpec,
): Promise<Deployment> {
  const { name, namespace, uid, generation } = metadata;
  const { object } = await peer.apply({
    apiVersion,
    kind,
    metadata: { name, namespace, uid, generation },
    spec,
  });
  return object;
}
