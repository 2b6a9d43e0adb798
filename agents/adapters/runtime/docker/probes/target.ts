import { networkInterfaces } from 'node:os';
import type { Inspected } from '../inspect.ts';
import type { Target } from './network.ts';

/** What of a container decides where it is probed. */
export type Probed = Pick<Inspected, 'address' | 'portNames'> & {
  container: Pick<Inspected['container'], 'ports'>;
};

/** Where to connect, or why that is unknown. */
export function targetOf(
  { address, container, portNames }: Probed,
  reference: number | string,
): Target | string {
  const port = typeof reference === 'number' ? reference : portNames.get(reference);
  if (port === undefined) return `no port of the container is named "${reference}"`;
  if (!address) return 'the container has no address: it was taken off its network';
  if (isLocal(address.gateway)) return { host: address.ip, port, proxied: false };
  // The engine is in a virtual machine or elsewhere: its networks end there, published ports do not.
  const published = container.ports.find(
    ({ containerPort, protocol }) => containerPort === port && protocol === 'TCP',
  );
  if (!published)
    return `port ${port} is not among the container's ports and its network cannot be reached from here`;
  return { host: '127.0.0.1', port: published.hostPort, proxied: true };
}

/** Whether the container's bridge is an interface of this machine. */
function isLocal(gateway: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === gateway),
  );
}
