/** The version moves when the frames become incompatible. */
export const ALPN_PROTOCOL = 'peercompute-tunnel/1';

/** Is never spoken: who offers it says which worker process of a gateway is meant, in the part of TLS that all can read. */
const SLOT_PREFIX = 'peercompute-worker/';

/** What a provider offers who dials that worker. */
export function protocolsFor(slot: number): string[] {
  return slot === 0 ? [ALPN_PROTOCOL] : [ALPN_PROTOCOL, `${SLOT_PREFIX}${slot}`];
}

/** Which worker is meant by what was offered: the first unless it says so, undefined for what none of ours says. */
export function slotOf(offered: readonly string[]): number | undefined {
  const hints = offered.filter((protocol) => protocol.startsWith(SLOT_PREFIX));
  const [digits = '0'] = hints.map((hint) => hint.slice(SLOT_PREFIX.length));
  return hints.length < 2 && /^(0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : undefined;
}
