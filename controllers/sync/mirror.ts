import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Deployment, Event } from '../../api/v1alpha1/types.ts';
import { Informer } from '../core/informer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { Problem } from './outcome.ts';

export interface MirrorInit {
  /** TrustedPeer, for messages. */
  name: string;
  store: Store;
  /** One of our Deployments may look different on the peer. */
  onChange(key: ObjectKey<'Deployment'>): void;
  /** The peer tells of something, or no longer does. */
  onEvent(key: ObjectKey<'Event'>): void;
  /** All that the peer tells is known. */
  onEvents(): void;
  /** The peer has become reachable, or no longer is. */
  onContact(): void;
}

/** A peer that is awake answers within this time; one that is not must not hold up what concerns the others, in milliseconds. */
const PATIENCE_MS = 500;

/** Our Deployments and what happened to them as one peer shows them, followed for as long as the peer answers. */
export class Mirror {
  readonly store: Store;
  readonly #clock: Clock;
  readonly #init: MirrorInit;
  readonly #informer: Informer<'Deployment'>;
  readonly #events: Informer<'Event'>;
  readonly #stop = new AbortController();
  readonly #answers = new Map<string, Deployment>();
  readonly #answered = Promise.withResolvers<void>();
  #hasAnswered = false;
  #problem: StatusError | undefined;
  #lastContact: number | undefined;

  constructor({ clock, logger }: { clock: Clock; logger: Logger }, init: MirrorInit) {
    this.store = init.store;
    this.#clock = clock;
    this.#init = init;
    const components = { store: init.store, clock, logger: logger.child({ peer: init.name }) };
    this.#informer = new Informer(components, {
      kind: 'Deployment',
      peer: init.name,
      onContact: () => this.#contact(),
      onError: (error) => this.#lost(error),
    });
    // Whether the peer answers at all is told by the other one.
    this.#events = new Informer(components, {
      kind: 'Event',
      peer: init.name,
      onError: () => undefined,
    });
    const changed = ({ metadata: { namespace, name } }: Deployment) =>
      init.onChange({ kind: 'Deployment', namespace, name });
    this.#informer.addHandler({
      onAdd: changed,
      onUpdate: (_, after) => changed(after),
      onDelete: (gone) => {
        this.#answers.delete(formatKey(keyOf(gone)));
        changed(gone);
      },
    });
  }

  start(signal: AbortSignal): void {
    const scope = AbortSignal.any([signal, this.#stop.signal]);
    void this.#informer.start(scope);
    void this.#informer.synced.then(() => this.#followEvents(scope));
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Waits a little for the first answer. Nobody waits longer: when it comes, {@link MirrorInit.onContact} tells. */
  async settle(): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const cancel = this.#clock.after(PATIENCE_MS, patience.resolve);
    await Promise.race([this.#answered.promise, patience.promise]).finally(cancel);
  }

  /** The peer's copy, as far as it has been seen. */
  get(key: ObjectKey<'Deployment'>): Deployment | undefined {
    const seen = this.#informer.get(key);
    const answered = this.#answers.get(formatKey(key));
    const newer =
      answered &&
      (!seen ||
        (seen.metadata.uid === answered.metadata.uid &&
          seen.metadata.generation < answered.metadata.generation));
    return newer ? answered : seen;
  }

  /** What the peer answered to a write, until the watch has caught up: the diff must not be sent twice. */
  remember(copy: Deployment): void {
    this.#answers.set(formatKey(keyOf(copy)), copy);
  }

  /** What the peer tells now; undefined before it has told anything. */
  findEvent(key: ObjectKey<'Event'>): { event: Event | undefined } | undefined {
    if (!this.#events.hasSynced) return undefined;
    return { event: this.#events.get(key) };
  }

  /** Why the peer cannot be asked now. */
  get problem(): StatusError | undefined {
    return this.#problem;
  }

  /** Whether the peer has answered, or has had the time to. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** When the peer last answered, in milliseconds since the epoch. */
  get lastContact(): number | undefined {
    return this.#lastContact;
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const tell = ({ metadata: { namespace, name } }: Event) =>
      this.#init.onEvent({ kind: 'Event', namespace, name });
    this.#events.addHandler({ onAdd: tell, onUpdate: (_, after) => tell(after), onDelete: tell });
    void this.#events.synced.then(() => this.#init.onEvents());
    await this.#events.start(signal);
  }

  #contact(): void {
    this.#lastContact = this.#clock.now();
    const back = this.#problem !== undefined;
    const first = !this.#hasAnswered;
    this.#problem = undefined;
    this.#conclude();
    if (back || first) this.#init.onContact();
  }

  #lost(error: unknown): void {
    const before = this.#problem;
    this.#problem =
      error instanceof StatusError
        ? error
        : new StatusError('ServiceUnavailable', String(error), { cause: Reason.PeerUnreachable });
    this.#conclude();
    if (before?.message !== this.#problem.message) this.#init.onContact();
  }

  #conclude(): void {
    this.#hasAnswered = true;
    this.#answered.resolve();
  }
}

/** Whether the peer answered and said no, as against not answering at all. */
export function isRefusal(error: StatusError): boolean {
  if (error.details.cause === Reason.PeerUnreachable) return false;
  return !['ServiceUnavailable', 'Timeout', 'Expired', 'TooManyRequests'].includes(error.reason);
}

/** A refusal or a silence in a condition's words. */
export function toProblem(error: StatusError, peer: string): Problem {
  if (isRefusal(error)) return { reason: error.conditionReason, message: error.message };
  return {
    reason: Reason.PeerUnreachable,
    message: `queued for ${peer}, which does not answer: ${error.message}`,
  };
}
