/** Publishes the records by which DNS-01 proves control of a domain (RFC 8555, 8.4). */
export interface DnsRecords {
  /** Adds a TXT record beside those that are there: two names may be proven by one owner name at a time. */
  present(record: TxtRecord, signal: AbortSignal): Promise<void>;
  /** Removes exactly this record. Absent is success. */
  cleanup(record: TxtRecord, signal: AbortSignal): Promise<void>;
}

export interface TxtRecord {
  /** Without a final dot. */
  fqdn: string;
  value: string;
}
