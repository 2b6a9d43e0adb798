import type { Duplex } from 'node:stream';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Backend, HostRoute } from '../../../controllers/ports/router.ts';
import type { Upstream } from '../ingress/http1/upstream.ts';
import { openStream } from './open-stream.ts';
import type { TunnelTable } from './tunnels.ts';

export interface UpstreamComponents {
  tunnels: TunnelTable;
  clock: Clock;
  /** All upstreams of the same host, at the moment. */
  siblings(): readonly TunnelUpstream[];
}

/** The upstreams of a host. Those that were there before stay the same objects: connections hold on to them. */
export function upstreamsOf(
  components: UpstreamComponents,
  { host, protocol, backends }: HostRoute,
): TunnelUpstream[] {
  const known = new Map(components.siblings().map((upstream) => [upstream.key, upstream]));
  return backends.map((backend) => {
    const init = { host, protocol, backend };
    return known.get(keyOf(init)) ?? new TunnelUpstream(components, init);
  });
}

interface UpstreamInit extends Pick<HostRoute, 'host' | 'protocol'> {
  backend: Backend;
}

/** Whoever could not be reached is not asked for so long, unless there is nobody else; in milliseconds. */
const SHUN_MS = 5_000;

/** The replicas of a Deployment behind one provider's tunnel. */
export class TunnelUpstream implements Upstream {
  readonly key: string;
  readonly name: string;
  readonly protocol: HostRoute['protocol'];
  /** Open now. */
  connections = 0;
  readonly #components: UpstreamComponents;
  readonly #backend: Backend;
  #shunnedUntil = 0;

  constructor(components: UpstreamComponents, init: UpstreamInit) {
    const { protocol, backend } = init;
    this.#components = components;
    this.#backend = backend;
    this.protocol = protocol;
    this.key = keyOf(init);
    this.name = `${backend.provider}/${backend.target.uid}`;
  }

  get isUp(): boolean {
    return this.#components.tunnels.get(this.#backend.provider) !== undefined;
  }

  /** Whether it could not be reached a moment ago. */
  get isShunned(): boolean {
    return this.#shunnedUntil > 0 && this.#shunnedUntil > this.#components.clock.now();
  }

  /**
   * At a sibling where it fails here: nothing has been sent yet, so that nobody notices. Connections of the same session
   * go to the same replica.
   */
  async open(signal: AbortSignal, session?: string): Promise<Duplex> {
    try {
      return await this.#open(signal, session);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#shunnedUntil = this.#components.clock.now() + SHUN_MS;
      const other = this.#components.siblings().find(({ isUp, isShunned }) => isUp && !isShunned);
      if (!other) throw error;
      return other.open(signal, session);
    }
  }

  async #open(signal: AbortSignal, session: string | undefined): Promise<Duplex> {
    const { provider, target } = this.#backend;
    const asked = { provider, target: { ...target, session } };
    const stream = await openStream(this.#components.tunnels, asked, signal);
    this.#shunnedUntil = 0;
    this.connections++;
    stream.once('close', () => this.connections--);
    return stream;
  }
}

function keyOf({ host, protocol, backend: { provider, target } }: UpstreamInit): string {
  return `${host} ${protocol} ${provider} ${target.owner} ${target.uid}`;
}
