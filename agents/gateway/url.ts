import type { CertificateOptions } from './certificates/create-certificates.ts';

const DEFAULT_PORT = 443;

/** The address of a host as visitors write it. Whatever ends TLS in front of us does so on the usual port. */
export function publicURL(
  host: string,
  { certificates }: { certificates: Pick<CertificateOptions, 'tls'> },
  httpsPort: number,
): string {
  const isUsual = httpsPort === DEFAULT_PORT || certificates.tls === 'off';
  return `https://${host}${isUsual ? '' : `:${httpsPort}`}`;
}
