import type { Certificates } from '../../../controllers/ports/certificates.ts';
import type { ServedCertificates } from './served.ts';

/** What both sides of the gateway need of its certificates: the controller of Routes asks for them, the ingress serves them. */
export interface GatewayCertificates extends Certificates, ServedCertificates {
  /** Resolves once what is stored is served; works until the signal ends. Rejects where that cannot begin. */
  start(signal: AbortSignal): Promise<void>;
}
