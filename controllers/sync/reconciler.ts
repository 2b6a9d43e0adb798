import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import { Exposed, Reason } from '../../api/v1alpha1/reasons.ts';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Result } from '../core/controller.ts';
import { ensureFinalizer, removeFinalizer } from '../core/finalizer.ts';
import type { Informer } from '../core/informer.ts';
import type { StatusWriter } from '../core/status-writer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { deliver, isDelivered, remoteKey, withdraw } from './deliver.ts';
import { isRefusal, type Mirror, toProblem } from './mirror.ts';
import type { Mirrors } from './mirrors.ts';
import type { Outcome } from './outcome.ts';
import { copies, leaving } from './placement.ts';
import { syncStatus } from './status.ts';

/** While a peer holds a copy that it was given, the object cannot vanish here. */
export const SYNC_FINALIZER = 'peercompute.dev/sync';

/** A refusal may be lifted on the peer without our hearing of it, in milliseconds. */
const ASK_AGAIN_MS = 60_000;

/** One request may get lost on the way to a peer that is there, who then tells us nothing new; in milliseconds. */
const SEND_AGAIN_MS = 10_000;

export interface SyncComponents {
  store: Store;
  trustedPeers: Informer<'TrustedPeer'>;
  mirrors: Mirrors;
  status: StatusWriter;
  clock: Clock;
}

/** Developer: a local Deployment <-> each peer's copy of it. Specs go out, statuses come back. */
export class SyncReconciler {
  readonly #components: SyncComponents;

  constructor(components: SyncComponents) {
    this.#components = components;
  }

  async reconcile(key: ObjectKey<'Deployment'>): Promise<Result> {
    const { store, status, clock } = this.#components;
    const found = await store.get(key);
    if (!found) return {};
    const deployment = await ensureFinalizer(store, found, SYNC_FINALIZER);
    const kept = [...copies(deployment)].map(([peer, spec]) => this.#keep(deployment, peer, spec));
    const left = leaving(deployment).map((peer) => this.#leave(deployment, peer));
    const outcomes = await Promise.all([...kept, ...left]);
    if (deployment.metadata.deletionTimestamp && outcomes.every(({ delivered }) => delivered)) {
      await removeFinalizer(store, deployment, SYNC_FINALIZER);
      return {};
    }
    const next = syncStatus(deployment, outcomes, new Date(clock.now()));
    await status.write(deployment, next.status, next.conditions, deployment.spec.expose ? [] : [Exposed]);
    if (outcomes.some(({ lost }) => lost)) return { requeueAfterMs: SEND_AGAIN_MS };
    return outcomes.some(({ refused }) => refused) ? { requeueAfterMs: ASK_AGAIN_MS } : {};
  }

  /** A peer that is to run its share. */
  async #keep(deployment: Deployment, peer: string, spec: DeploymentSpec): Promise<Outcome> {
    const blank: Outcome = { peer, desiredReplicas: spec.replicas, delivered: false, leaving: false };
    const outcome = await this.#ask(blank, deployment, async (mirror, remote) => {
      const copy = await deliver(mirror.store, deployment, spec, remote);
      if (copy) mirror.remember(copy);
      return { ...blank, remote: copy, delivered: isDelivered(deployment, spec, copy) };
    });
    return outcome.unreachable ? { ...outcome, delivered: wasDelivered(deployment, spec, outcome) } : outcome;
  }

  /** A peer that is to let go of its copy. */
  async #leave(deployment: Deployment, peer: string): Promise<Outcome> {
    const blank: Outcome = { peer, desiredReplicas: 0, delivered: false, leaving: true };
    // Whom we no longer trust we no longer talk to: what it still runs is its owner's to stop.
    if (!this.#trustedPeer(peer)) return { ...blank, delivered: true };
    return this.#ask(blank, deployment, async (mirror, remote) => {
      const copy = remote && (await withdraw(mirror.store, deployment, remote));
      return { ...blank, remote: copy, delivered: copy === undefined };
    });
  }

  /** Talks to a peer, and turns its silence or refusal into an outcome. */
  async #ask(
    blank: Outcome,
    deployment: Deployment,
    talk: (mirror: Mirror, remote: Deployment | undefined) => Promise<Outcome>,
  ): Promise<Outcome> {
    const trustedPeer = this.#trustedPeer(blank.peer);
    if (!trustedPeer) return { ...blank, refused: unknownPeer(blank.peer) };
    const mirror = this.#components.mirrors.of(trustedPeer);
    await mirror.settle();
    if (!mirror.hasAnswered) return { ...blank, unreachable: connecting(blank.peer) };
    const remote = mirror.get(remoteKey(deployment));
    try {
      if (mirror.problem) throw mirror.problem;
      return await talk(mirror, remote);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const problem = toProblem(error, blank.peer);
      if (isRefusal(error)) return { ...blank, remote, refused: problem };
      // Another process of ours may have reached it before this one was started.
      const { lastSeen } = trustedPeer.status ?? {};
      const lastContact = mirror.lastContact ?? (lastSeen === undefined ? undefined : Date.parse(lastSeen));
      return { ...blank, remote, unreachable: problem, lastContact, lost: mirror.problem === undefined };
    }
  }

  #trustedPeer(name: string): TrustedPeer | undefined {
    return this.#components.trustedPeers.get({ kind: 'TrustedPeer', name });
  }
}

/** What a silent peer holds, as far as we know: what it showed us last, or what we noted when it accepted it. */
function wasDelivered(deployment: Deployment, spec: DeploymentSpec, { peer, remote }: Outcome): boolean {
  if (remote) return isDelivered(deployment, spec, remote);
  const noted = deployment.status?.peers?.find(({ name }) => name === peer)?.deliveredGeneration;
  return noted === deployment.metadata.generation;
}

function unknownPeer(name: string) {
  return {
    reason: Reason.PeerNotTrusted,
    message: `there is no TrustedPeer "${name}"; add it with "peerctl peers add ID --name ${name}"`,
  };
}

function connecting(name: string) {
  return { reason: Reason.Queued, message: `connecting to ${name}` };
}
