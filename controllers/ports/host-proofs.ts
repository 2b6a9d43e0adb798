/** What the DNS says about whose a host name is. */
export interface HostProofs {
  /**
   * Undefined when it has the record of api/protocol/host-proof; otherwise what is missing, as a sentence that says
   * which record to make. A DNS that does not answer proves nothing, and is no error. May answer from memory for
   * a moment. Rejects with the signal's reason, and with nothing else.
   */
  verify(host: string, owner: string, signal: AbortSignal): Promise<string | undefined>;
}
