import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import { Informer } from '../core/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';

export interface GatewayInit {
  /** TrustedPeer, for messages. */
  name: string;
  peerID: string;
  store: Store;
  /** Something may be different there. */
  onChange(route: Route): void;
  /** It answers now, or no longer does. */
  onContact(): void;
}

/** Our Routes as one gateway shows them, followed for as long as it answers. */
export class GatewayMirror {
  readonly name: string;
  readonly peerID: string;
  readonly store: Store;
  readonly #routes: Informer<'Route'>;
  readonly #stop = new AbortController();
  #problem: StatusError | undefined;

  constructor({ clock, logger }: { clock: Clock; logger: Logger }, init: GatewayInit) {
    this.name = init.name;
    this.peerID = init.peerID;
    this.store = init.store;
    this.#routes = new Informer(
      { store: init.store, clock, logger: logger.child({ gateway: init.name }) },
      {
        kind: 'Route',
        peer: init.name,
        onContact: () => this.#tell(undefined, init),
        onError: (error) => this.#tell(toStatusError(error), init),
      },
    );
    const { onChange } = init;
    this.#routes.addHandler({ onAdd: onChange, onUpdate: (_, after) => onChange(after), onDelete: onChange });
  }

  start(signal: AbortSignal): void {
    void this.#routes.start(AbortSignal.any([signal, this.#stop.signal]));
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Whether everything that it has of us is known. */
  get hasAnswered(): boolean {
    return this.#routes.hasSynced;
  }

  /** Why it cannot be asked now. */
  get problem(): StatusError | undefined {
    return this.#problem;
  }

  get(key: ObjectKey<'Route'>): Route | undefined {
    return this.#routes.get(key);
  }

  list(): Route[] {
    return this.#routes.list();
  }

  #tell(problem: StatusError | undefined, { onContact }: GatewayInit): void {
    const isNews = this.#problem?.message !== problem?.message;
    this.#problem = problem;
    if (isNews) onContact();
  }
}

function toStatusError(error: unknown): StatusError {
  return error instanceof StatusError ? error : new StatusError('ServiceUnavailable', String(error));
}
