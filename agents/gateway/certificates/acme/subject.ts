import { coversName } from '../names.ts';

/** What one certificate is about. */
export interface Subject {
  /** The last of its names: `*.example.com`, or the only host. */
  id: string;
  names: readonly string[];
}

/** A domain whose DNS can be updated gets one certificate for all of its hosts; every other host one of its own. */
export function subjectOf(host: string, wildcardDomain: string | undefined): Subject {
  const wildcard = `*.${wildcardDomain}`;
  if (wildcardDomain !== undefined && coversName([wildcardDomain, wildcard], host))
    return { id: wildcard, names: [wildcardDomain, wildcard] };
  return { id: host, names: [host] };
}

/** Public suffixes of two labels under a country, such as co.uk or com.au. */
const COUNTRY_SUFFIX = /^[a-z]{2,3}\.[a-z]{2}$/;

/**
 * The domain that somebody has registered, which CAs count by, as far as a name tells. Where it is wrong, several
 * domains share one allowance: some certificates come later than they could, and none is refused.
 */
export function registeredDomain(name: string): string {
  const labels = name.split('.');
  return labels.slice(COUNTRY_SUFFIX.test(labels.slice(-2).join('.')) ? -3 : -2).join('.');
}
