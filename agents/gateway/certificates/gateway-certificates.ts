import type { Certificates } from '../../../controllers/ports/certificates.ts';
import type { ServedCertificates } from './served.ts';
import type { ServedSet } from './served-set.ts';

/** What both sides of the gateway need of its certificates: the controller of Routes asks for them, the ingress serves them. */
export interface GatewayCertificates extends Certificates, ServedCertificates {
  /** For other processes, which serve the same. */
  readonly served: Pick<ServedSet, 'changes' | 'onServed'>;
  /** Resolves once what is stored is served; works until the signal ends. Rejects where that cannot begin. */
  start(signal: AbortSignal): Promise<void>;
}
