/** How far the certificate of a host name is. */
export type CertificateState =
  | { ready: true }
  /** Why there is none yet, in a condition's words. */
  | { ready: false; reason: string; message: string };

/** Sees to it that host names have certificates. */
export interface Certificates {
  /** Replaces the host names that need one. Nothing is ordered for any other. */
  want(hosts: ReadonlySet<string>): void;
  /** Answers from memory. */
  state(host: string): CertificateState;
  /** Calls back with a host name whose state has changed; the returned function unsubscribes. */
  onChange(listener: (host: string) => void): () => void;
}
