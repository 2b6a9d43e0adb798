import { DNS_SUBDOMAIN } from '../../../api/meta/names.ts';

/** The wildcard that would cover a name: `*` stands for exactly its first label (RFC 6125, 6.4.3). */
export function wildcardOf(name: string): string {
  return `*${name.slice(Math.max(0, name.indexOf('.')))}`;
}

/** Whether a certificate with these names is one for `host`. */
export function coversName(names: readonly string[], host: string): boolean {
  return names.includes(host) || names.includes(wildcardOf(host));
}

/** Whether a name is `domain` or somewhere below it. */
export function isWithin(domain: string, name: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** A name with characters that no host has is quoted, whatever it holds. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** Names of a certificate as they are compared: lower case, and only those that a host can have. */
export function hostNames(subjectAltName: string | undefined): string[] {
  return (subjectAltName ?? '')
    .replace(QUOTED, '')
    .split(', ')
    .flatMap((entry) => {
      const name = entry.startsWith('DNS:') ? entry.slice('DNS:'.length).toLowerCase() : '';
      return DNS_SUBDOMAIN.test(name.replace(/^\*\./, '')) ? [name] : [];
    });
}
