import type { SecureContext } from 'node:tls';

/** What the ingress asks for while a client waits: everything answers from memory. */
export interface ServedCertificates {
  /** For a TLS handshake with this server name; undefined for a name that is not served. */
  contextFor(serverName: string): SecureContext | undefined;
  /** The certificate by which TLS-ALPN-01 proves control of a name; undefined while nobody asks for that. */
  challengeFor(serverName: string): SecureContext | undefined;
  /** What HTTP-01 expects below /.well-known/acme-challenge/; undefined for a token that is not ours. */
  answerTo(host: string, token: string): string | undefined;
}
