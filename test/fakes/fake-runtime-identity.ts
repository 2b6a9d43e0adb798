import { createHash } from 'node:crypto';
import type { ContainerIdentity, RunRequest } from '../../controllers/ports/runtime.ts';

/** Deterministic, and different for all that must not meet. */
export function nameOf({
  owner,
  namespace,
  uid,
  deployment,
  ordinal,
  templateHash,
  attempt,
}: ContainerIdentity): string {
  const origin = createHash('sha256').update([owner, namespace, uid].join('/')).digest('hex').slice(0, 8);
  return `${deployment}-${ordinal}-${templateHash.slice(0, 8)}-${attempt}-${origin}`;
}

export function identityOf(request: RunRequest): ContainerIdentity {
  const { owner, uid, namespace, deployment, ordinal, templateHash, attempt, backoffLevel } = request;
  return { owner, uid, namespace, deployment, ordinal, templateHash, attempt, backoffLevel };
}
