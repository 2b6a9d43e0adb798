import type { Challenge } from '../challenge.ts';

/** In the order in which they are tried. */
export const PROOF_TYPES = ['http-01', 'tls-alpn-01', 'dns-01'] as const;

/** What proves control of a host, for as long as its order is under way. */
export interface Proof extends Omit<Challenge, 'type'> {
  type: (typeof PROOF_TYPES)[number];
  /** Of the challenge at the CA. */
  url: string;
}

export function isProof(value: unknown): value is Proof {
  const { type, url, host, token, keyAuthorization } = (value ?? {}) as Partial<Record<keyof Proof, unknown>>;
  const areTexts = [url, host, token, keyAuthorization].every((text) => typeof text === 'string');
  return areTexts && PROOF_TYPES.some((known) => known === type);
}
