import { createHash } from 'node:crypto';
import type { RouteSpec } from '../../api/v1alpha1/route.ts';

/** RFC 1035: a label has at most 63 characters. */
const MAX_LABEL = 63;

/** Of a hash that stands for what is too long, or has no name here: 40 bits. */
const SHORT = 8;

/**
 * The host name of a Route that asks for none: `<deployment>-<owner>.<domain>`, with the namespace between them where
 * it is not the default one. An owner that has no name on this gateway goes by a short form of its peer ID.
 */
export function generatedHost(
  { deployment: { namespace, name }, owner }: Pick<RouteSpec, 'deployment' | 'owner'>,
  { domain, ownerName }: { domain: string; ownerName: string | undefined },
): string {
  const parts = [name, ...(namespace === 'default' ? [] : [namespace]), ownerName ?? short(owner)];
  const label = parts.join('-');
  if (label.length <= MAX_LABEL) return `${label}.${domain}`;
  const start = label.slice(0, MAX_LABEL - SHORT - 1).replace(/-+$/, '');
  return `${start}-${short(label)}.${domain}`;
}

/** Another name for the same Route, when somebody else holds its first one. */
export function alternativeHost(host: string, { owner, deployment }: RouteSpec): string {
  const [label = '', ...domain] = host.split('.');
  const start = label.slice(0, MAX_LABEL - SHORT - 1).replace(/-+$/, '');
  const hash = short(`${owner} ${deployment.namespace}/${deployment.name}`);
  return [`${start}-${hash}`, ...domain].join('.');
}

/** Whether a grant covers a host name. `*` stands for one label, at the front only, as in a certificate. */
export function coversHost(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('*.') ? host.slice(host.indexOf('.') + 1) === pattern.slice(2) : host === pattern,
  );
}

/** Whether a host name is a domain's own, or below it. */
export function isWithin(domain: string, host: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SHORT);
}
