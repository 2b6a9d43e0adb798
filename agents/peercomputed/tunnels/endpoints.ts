import { formatKey, keyOf } from '../../../api/meta/object.ts';
import type { TunnelTarget } from '../../../api/protocol/tunnel-target.ts';
import { exposedPort } from '../../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Informer } from '../../../controllers/core/informer.ts';

export interface EndpointsComponents {
  deployments: Pick<Informer<'Deployment'>, 'addHandler'>;
  /** Whether its owner may still run it here. */
  isAllowed(deployment: Deployment): boolean;
}

/** A connection to a replica, for as long as it lasts. */
export interface Endpoint {
  /** On 127.0.0.1. */
  port: number;
  /** To be called when the connection is over. */
  release(): void;
}

/** Where on this machine the replicas of exposed Deployments answer. The gateway has no say in it. */
export class Endpoints {
  readonly #isAllowed: EndpointsComponents['isAllowed'];
  /** By owner and uid. */
  readonly #deployments = new Map<string, Deployment>();
  /** Connections by port. */
  readonly #busy = new Map<number, number>();

  constructor({ deployments, isAllowed }: EndpointsComponents) {
    this.#isAllowed = isAllowed;
    const keep = (deployment: Deployment) => void this.#deployments.set(idOf(deployment), deployment);
    deployments.addHandler({
      onAdd: keep,
      onUpdate: (before, after) => {
        this.#forget(before);
        keep(after);
      },
      onDelete: (gone) => this.#forget(gone),
    });
  }

  /** The replica with the fewest connections. */
  find({ owner, uid }: TunnelTarget): Endpoint | 'NoRoute' | 'NotReady' {
    const deployment = this.#deployments.get(`${owner} ${uid}`);
    if (!deployment?.spec.expose || !this.#isAllowed(deployment)) return 'NoRoute';
    const ports = publishedPorts(deployment);
    const [port] = ports.sort((a, b) => (this.#busy.get(a) ?? 0) - (this.#busy.get(b) ?? 0));
    return port === undefined ? 'NotReady' : this.#take(port);
  }

  #take(port: number): Endpoint {
    this.#busy.set(port, (this.#busy.get(port) ?? 0) + 1);
    return { port, release: () => this.#release(port) };
  }

  #release(port: number): void {
    const left = (this.#busy.get(port) ?? 1) - 1;
    if (left > 0) this.#busy.set(port, left);
    else this.#busy.delete(port);
  }

  /** Another object may have taken its name, and even its id, since. */
  #forget(deployment: Deployment): void {
    const known = this.#deployments.get(idOf(deployment));
    if (known && formatKey(keyOf(known)) === formatKey(keyOf(deployment)))
      this.#deployments.delete(idOf(deployment));
  }
}

function idOf({ metadata: { owner = '', uid } }: Deployment): string {
  return `${owner} ${uid}`;
}

/** The exposed port of every replica that is ready, as it is published on this machine. */
function publishedPorts({ spec, status }: Deployment): number[] {
  const exposed = exposedPort(spec);
  return (status?.containers ?? [])
    .filter(({ ready, state }) => ready && state === 'Running')
    .flatMap(({ ports = [] }) => ports)
    .filter(({ containerPort, protocol }) => containerPort === exposed && protocol === 'TCP')
    .map(({ hostPort }) => hostPort);
}
