import { multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Identity } from '../../identity/identity.ts';
import { explain } from './errors.ts';
import { defaultLimits as limits } from './limits.ts';
import { createNode, stopNode } from './node.ts';
import { LocalPorts } from './punch/local-ports.ts';

/**
 * Who answers at an address (a multiaddr without a peer ID). Whoever it is has proven the ID; that it is the right
 * one is for somebody else to say. @throws Error in words for a person when nobody does.
 */
export async function askPeerID(
  components: { identity: Identity; clock: Clock },
  address: string,
): Promise<string> {
  const ports = new LocalPorts({ isGateway: () => false });
  const node = await createNode({ ...components, gater: {}, ports }, { listen: [], limits });
  await node.start();
  try {
    const connection = await node.dial(multiaddr(address));
    return connection.remotePeer.toString();
  } catch (error) {
    throw new Error(`nobody could be asked at ${address}: ${explain(error as Error)}`, { cause: error });
  } finally {
    await stopNode(node);
  }
}
