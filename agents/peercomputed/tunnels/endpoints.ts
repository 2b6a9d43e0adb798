import { formatKey, keyOf } from '../../../api/meta/object.ts';
import type { TunnelTarget } from '../../../api/protocol/tunnel-target.ts';
import { exposedPort } from '../../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Informer } from '../../../controllers/core/informer.ts';
import { rendezvous } from '../../../controllers/core/rendezvous.ts';

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

interface Replica {
  /** It keeps this across restarts. */
  id: string;
  /** On 127.0.0.1. */
  port: number;
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

  /** The replica that the session belongs to, or else the one with the fewest connections. */
  find({ owner, uid, session }: TunnelTarget): Endpoint | 'NoRoute' | 'NotReady' {
    const deployment = this.#deployments.get(`${owner} ${uid}`);
    if (!deployment?.spec.expose || !this.#isAllowed(deployment)) return 'NoRoute';
    const replicas = readyReplicas(deployment);
    const found =
      session === undefined ? this.#leastBusy(replicas) : rendezvous(session, replicas, ({ id }) => id);
    return found ? this.#take(found.port) : 'NotReady';
  }

  #leastBusy(replicas: Replica[]): Replica | undefined {
    const [least] = replicas.sort((a, b) => (this.#busy.get(a.port) ?? 0) - (this.#busy.get(b.port) ?? 0));
    return least;
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

/** Every replica that is ready, with the exposed port as it is published on this machine. */
function readyReplicas({ spec, status }: Deployment): Replica[] {
  const exposed = exposedPort(spec);
  return (status?.containers ?? [])
    .filter(({ ready, state }) => ready && state === 'Running')
    .flatMap(({ ordinal, ports = [] }) => ports.map((port) => ({ ...port, id: String(ordinal) })))
    .filter(({ containerPort, protocol }) => containerPort === exposed && protocol === 'TCP')
    .map(({ id, hostPort }) => ({ id, port: hostPort }));
}
