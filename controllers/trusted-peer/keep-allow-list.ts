import type { Informer } from '../core/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Transport } from '../ports/transport.ts';
import { allowList, nextExpiry } from './allow-list.ts';

export interface AllowListComponents {
  trustedPeers: Informer<'TrustedPeer'>;
  transport: Pick<Transport, 'allow'>;
  clock: Clock;
}

/**
 * Keeps the transport's allow list equal to the TrustedPeers: in the same moment in which one is
 * added, changed, removed or expires, not after a queue. Stops when the signal ends.
 */
export function keepAllowList(
  { trustedPeers, transport, clock }: AllowListComponents,
  signal: AbortSignal,
): void {
  let cancel = () => {};
  const refresh = () => {
    cancel();
    const peers = trustedPeers.list();
    transport.allow(allowList(peers, clock.now()));
    const expiry = nextExpiry(peers, clock.now());
    if (expiry !== undefined) cancel = clock.after(expiry, refresh);
  };
  const remove = trustedPeers.addHandler({ onAdd: refresh, onUpdate: refresh, onDelete: refresh });
  signal.addEventListener('abort', () => {
    remove();
    cancel();
  });
}
