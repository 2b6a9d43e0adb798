import type { Duplex } from 'node:stream';
import type { Backend, HostRoute } from '../../../controllers/ports/router.ts';
import type { Upstream } from '../ingress/http1/upstream.ts';
import { openStream } from './open-stream.ts';
import type { TunnelTable } from './tunnels.ts';

/** The upstreams of a host. Those that were there before stay the same objects: connections hold on to them. */
export function upstreamsOf(
  tunnels: TunnelTable,
  { host, backends }: HostRoute,
  before: readonly TunnelUpstream[] = [],
): TunnelUpstream[] {
  const known = new Map(before.map((upstream) => [upstream.key, upstream]));
  return backends.map(
    (backend) => known.get(keyOf(host, backend)) ?? new TunnelUpstream(tunnels, { host, backend }),
  );
}

/** The replicas of a Deployment behind one provider's tunnel. */
export class TunnelUpstream implements Upstream {
  readonly key: string;
  readonly name: string;
  /** Open now. */
  connections = 0;
  readonly #tunnels: TunnelTable;
  readonly #backend: Backend;

  constructor(tunnels: TunnelTable, { host, backend }: { host: string; backend: Backend }) {
    this.#tunnels = tunnels;
    this.#backend = backend;
    this.key = keyOf(host, backend);
    this.name = `${backend.provider}/${backend.target.uid}`;
  }

  get isUp(): boolean {
    return this.#tunnels.get(this.#backend.provider) !== undefined;
  }

  async open(signal: AbortSignal): Promise<Duplex> {
    const stream = await openStream(this.#tunnels, this.#backend, signal);
    this.connections++;
    stream.once('close', () => this.connections--);
    return stream;
  }
}

function keyOf(host: string, { provider, target }: Backend): string {
  return `${host} ${provider} ${target.owner} ${target.uid}`;
}
