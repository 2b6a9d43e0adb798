/** A TXT record, without a final dot. */
export interface ProofRecord {
  name: string;
  value: string;
}

/** By which record whoever holds a host name in the DNS gives it to a peer, on any gateway that grants it (docs/gateway.md). */
export function proofRecord(host: string, peerID: string): ProofRecord {
  return { name: `_peercompute.${host}`, value: `peercompute=${peerID}` };
}
