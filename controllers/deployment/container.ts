import { canonicalHash } from '../../api/meta/canonical.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { PodTemplate } from '../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { ContainerIdentity } from '../ports/runtime.ts';

/** The part of a container's identity that names its Deployment. */
export type Origin = Pick<ContainerIdentity, 'owner' | 'uid' | 'namespace' | 'deployment'>;

/** The part that names one run within it. */
export type Run = Pick<ContainerIdentity, 'ordinal' | 'templateHash' | 'attempt'>;

/** A template is hashed once and looked at often; a Store never changes one that it has given out. */
const hashes = new WeakMap<PodTemplate, string>();

/** Content is identity: two templates that say the same have the same containers. */
export function templateHash(template: PodTemplate): string {
  const hash = hashes.get(template) ?? canonicalHash(template);
  hashes.set(template, hash);
  return hash;
}

export function originOf({ metadata }: Deployment): Origin {
  const { owner = '', uid, namespace = '', name } = metadata;
  return { owner, uid, namespace, deployment: name };
}

/**
 * One string per Deployment and life of it. An owner chooses the uid of what it sends, so the uid alone
 * would let one owner reach another's containers.
 */
export function formatOrigin({ owner, uid, namespace, deployment }: Origin): string {
  return [owner, namespace, deployment, uid].join('/');
}

/** The key of the Deployment that a container says it belongs to. */
export function keyOfOrigin({ owner, namespace, deployment }: Origin): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', owner: owner || undefined, namespace, name: deployment };
}

/** One string per run within a Deployment. */
export function formatRun({ ordinal, templateHash: hash, attempt }: Run): string {
  return `${ordinal}/${hash}/${attempt}`;
}

/**
 * What people call a replica: `web-0`. While one gives way to another both have the same ordinal; the one that goes is
 * then called by its hash as well.
 */
export function displayName(
  deployment: string,
  { ordinal, templateHash: hash }: Run,
  leaving: boolean,
): string {
  return leaving ? `${deployment}-${ordinal}-${shortHash(hash)}` : `${deployment}-${ordinal}`;
}

export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}
