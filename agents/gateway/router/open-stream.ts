import type { Duplex } from 'node:stream';
import { encodeTarget, type TunnelTarget } from '../../../api/protocol/tunnel-target.ts';
import { TunnelError } from '../../adapters/transport/tunnel/tunnel.ts';
import type { TunnelTable } from './tunnels.ts';

/** Opens a connection to a replica, and resolves when the provider has made it. @throws TunnelError */
export async function openStream(
  tunnels: Pick<TunnelTable, 'get'>,
  { provider, target }: { provider: string; target: TunnelTarget },
  signal: AbortSignal,
): Promise<Duplex> {
  const tunnel = tunnels.get(provider);
  if (!tunnel) throw new TunnelError('TunnelLost', 'the provider has no tunnel to this gateway');
  const stream = tunnel.open(encodeTarget(target));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => {
    stream.destroy();
    reject(signal.reason);
  };
  signal.addEventListener('abort', giveUp);
  stream.once('connect', resolve);
  stream.once('error', reject);
  try {
    await promise;
    return stream;
  } finally {
    signal.removeEventListener('abort', giveUp);
    stream.off('error', reject);
  }
}
