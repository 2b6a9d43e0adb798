import type { CertificateState } from '../../../controllers/ports/certificates.ts';
import type { GatewayCertificates } from './gateway-certificates.ts';

/** No TLS: something in front of the gateway ends it. Every host is ready at once, and nothing is ever served. */
export const noCertificates: GatewayCertificates = {
  want() {},
  state: (): CertificateState => ({ ready: true }),
  onChange: () => () => {},
  contextFor: () => undefined,
  challengeFor: () => undefined,
  answerTo: () => undefined,
  served: { changes: () => [], onServed: () => {} },
  start: async () => {},
};
