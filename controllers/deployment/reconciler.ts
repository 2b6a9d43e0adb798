import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { unlessAborted } from '../core/abort.ts';
import { allDone } from '../core/all-done.ts';
import type { Reconciler, Result } from '../core/controller.ts';
import type { Recorder } from '../core/event-recorder.ts';
import { removeFinalizer } from '../core/finalizer.ts';
import type { StatusWriter } from '../core/status-writer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { Verifier } from '../ports/verifier.ts';
import { FINALIZER, type Prepared, prepare, startAll } from './act.ts';
import { type Authorize, admissionOf } from './admission.ts';
import { type Origin, originOf } from './container.ts';
import { desiredOf } from './desired.ts';
import type { StatusInput } from './facts.ts';
import { isUnavailable } from './failures.ts';
import type { Launcher } from './launcher.ts';
import { observe } from './observe.ts';
import type { Observed } from './observed.ts';
import { formatPlan, planOf } from './plan.ts';
import type { Prober } from './prober.ts';
import type { Puller } from './puller.ts';
import type { Snapshot } from './snapshot.ts';
import { statusOf, unobservedConditions } from './status.ts';
import type { Terminator } from './terminator.ts';
import { transitionsOf } from './transitions.ts';

export interface ReconcilerComponents {
  store: Store;
  /** The Deployments of this machine's Store. */
  deployments: { get(key: ObjectKey<'Deployment'>): Deployment | undefined };
  verifier: Verifier;
  authorize: Authorize;
  snapshot: Snapshot;
  prober: Prober;
  puller: Puller;
  launcher: Launcher;
  terminator: Terminator;
  statusWriter: StatusWriter;
  recorder: Recorder;
  clock: Clock;
  logger: Logger;
}

/** When the runtime does not show yet what we did, it will soon; in milliseconds. */
const LOOK_AGAIN_MS = 250;

/** Makes this machine's containers agree with one Deployment. */
export class DeploymentReconciler implements Reconciler<'Deployment'> {
  readonly #components: ReconcilerComponents;
  /** What we keep in memory about, by key. */
  readonly #known = new Map<string, Origin>();

  constructor(components: ReconcilerComponents) {
    this.#components = components;
  }

  async reconcile(key: ObjectKey<'Deployment'>, signal: AbortSignal): Promise<Result> {
    const deployment = this.#components.deployments.get(key);
    this.#remember(key, deployment);
    if (!deployment) return {};
    try {
      return await this.#reconcile(deployment, signal);
    } catch (error) {
      if (isUnavailable(error)) await this.#tellUnobserved(deployment, error);
      throw error;
    }
  }

  /** Observe, plan, act, tell. */
  async #reconcile(read: Deployment, signal: AbortSignal): Promise<Result> {
    const { clock, logger, store } = this.#components;
    const admission = await admissionOf(this.#components, read);
    const desired = desiredOf(read, admission);
    const observed = await unlessAborted(observe(this.#components, read, desired), signal);
    if (!observed) return { requeueAfterMs: LOOK_AGAIN_MS };
    if (isDone(read, observed)) return removeFinalizer(store, read, FINALIZER).then(() => ({}));
    const now = clock.now();
    const plan = planOf(desired, observed, now);
    logger.debug('Planned', { ...keyOf(read), plan: formatPlan(plan) });
    const decision = await prepare(this.#components, { deployment: read, desired, observed, plan });
    const { deployment } = decision;
    const tell = () => this.#tell({ deployment, admission, desired, observed, pulling: plan.pulling, now });
    const told = isBeginning(decision) ? undefined : tell();
    if (decision.runs.length === 0) return sleepUntil([plan.wakeAt, await told], now);
    await allDone([startAll(this.#components, decision, signal), told]);
    // What was started is not observed yet.
    return { requeueAfterMs: 0 };
  }

  /** Writes the status where it differs, and the events that come of the difference. */
  async #tell(input: StatusInput): Promise<number | undefined> {
    const { statusWriter, recorder } = this.#components;
    const { deployment, observed, pulling } = input;
    const { status, conditions, wakeAt } = statusOf(input);
    await statusWriter.write(deployment, status, conditions);
    const { containers = [] } = status;
    const image = pulling ? observed.image : undefined;
    for (const { type, reason, note } of transitionsOf(deployment.status, { containers, conditions, image }))
      recorder.record(deployment, type, reason, note);
    return wakeAt;
  }

  async #tellUnobserved(deployment: Deployment, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const { metadata, status } = deployment;
    // What was told earlier is of an earlier generation, and stays so; where nothing was, this is the first word.
    const fields = status ? {} : { observedGeneration: metadata.generation };
    await this.#components.statusWriter.write(deployment, fields, unobservedConditions(message));
  }

  /** Another object may have taken the name since. */
  #remember(key: ObjectKey<'Deployment'>, deployment: Deployment | undefined): void {
    const before = this.#known.get(formatKey(key));
    if (before && before.uid !== deployment?.metadata.uid) this.#forget(key, before);
    if (deployment) this.#known.set(formatKey(key), originOf(deployment));
  }

  #forget(key: ObjectKey<'Deployment'>, origin: Origin): void {
    const { prober, puller, launcher } = this.#components;
    this.#known.delete(formatKey(key));
    prober.watch(key, []);
    puller.release(key);
    launcher.forget(origin);
  }
}

/** Nothing runs yet, and an image is looked for or a container started: the next pass has more to tell, and is near. */
function isBeginning({ observed: { containers, image }, plan, runs }: Prepared): boolean {
  const isLooking = plan.pulling && image.state === 'Unknown';
  return containers.length === 0 && (isLooking || runs.length > 0);
}

function isDone({ metadata }: Deployment, { containers }: Observed): boolean {
  return metadata.deletionTimestamp !== undefined && containers.length === 0;
}

function sleepUntil(moments: readonly (number | undefined)[], now: number): Result {
  const due = moments.filter((moment) => moment !== undefined);
  return due.length > 0 ? { requeueAfterMs: Math.max(0, Math.min(...due) - now) } : {};
}
