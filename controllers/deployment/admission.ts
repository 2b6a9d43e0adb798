import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Verifier } from '../ports/verifier.ts';
import type { Admission } from './desired.ts';

export type Authorization = { allowed: true } | { allowed: false; reason: string; message: string };

/** Whether a Deployment's owner may still run it here. Answers from memory; whoever changes its mind enqueues the key. */
export type Authorize = (deployment: Deployment) => Authorization;

/**
 * Whom we no longer trust has nothing left here; what nobody signed changes nothing: the containers there are
 * were made of a spec that was signed.
 */
export async function admissionOf(
  { authorize, verifier }: { authorize: Authorize; verifier: Verifier },
  deployment: Deployment,
): Promise<Admission> {
  const authorization = authorize(deployment);
  if (!authorization.allowed) return { ...authorization, containers: 'Remove' };
  // This machine's own objects: whoever can write them could as well run containers.
  if (deployment.metadata.owner === undefined) return { allowed: true };
  const problem = await verifier.verify(deployment);
  if (problem === undefined) return { allowed: true };
  const message = `${problem}; apply it again so that its owner signs it`;
  return { allowed: false, containers: 'Keep', reason: Reason.SignatureInvalid, message };
}
