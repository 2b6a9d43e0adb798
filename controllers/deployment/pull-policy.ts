import { parseImageReference } from '../../api/meta/image-reference.ts';
import type { Container } from '../../api/v1alpha1/container.ts';

export type PullPolicy = NonNullable<Container['imagePullPolicy']>;

/** Kubernetes' default: what `:latest` means changes, so it is asked for each time. */
export function pullPolicyOf({
  image,
  imagePullPolicy,
}: Pick<Container, 'image' | 'imagePullPolicy'>): PullPolicy {
  if (imagePullPolicy) return imagePullPolicy;
  const { tag, digest } = parseImageReference(image);
  return tag === 'latest' && digest === undefined ? 'Always' : 'IfNotPresent';
}
