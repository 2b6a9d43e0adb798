import type { Deployment } from '../../api/v1alpha1/types.ts';
import { allDone } from '../core/all-done.ts';
import type { Recorder } from '../core/event-recorder.ts';
import { ensureFinalizer } from '../core/finalizer.ts';
import type { Store } from '../ports/store.ts';
import { displayName, originOf } from './container.ts';
import type { Desired } from './desired.ts';
import type { Launcher } from './launcher.ts';
import { imageRequest } from './observe.ts';
import type { Observed } from './observed.ts';
import type { EndAction, Plan, RunAction } from './plan.ts';
import type { Puller } from './puller.ts';
import type { Terminator } from './terminator.ts';
import { Occurred } from './transitions.ts';

/** Keeps the object until its containers are gone. */
export const FINALIZER = 'peercompute.dev/containers';

/** Started together, and looked at before the next: an engine gains nothing from more, and a bad image fails a few and not all. */
const BATCH = 8;

export interface ActorComponents {
  store: Store;
  launcher: Launcher;
  puller: Puller;
  terminator: Terminator;
  recorder: Recorder;
}

/** What is to be done, and all that it was decided on. */
export interface Decision {
  deployment: Deployment;
  desired: Desired;
  observed: Observed;
  plan: Plan;
}

/** A decision with nothing left to be done but starts. */
export interface Prepared extends Decision {
  /** What to start now. */
  runs: readonly RunAction[];
}

/** Carries out a plan up to its starts: what ends and what is pulled reports later. @throws StatusError */
export async function prepare(components: ActorComponents, decision: Decision): Promise<Prepared> {
  const { deployment, desired, observed, plan } = decision;
  // 1. What goes frees its place for what comes.
  for (const action of plan.actions)
    if (action.type === 'Stop' || action.type === 'Remove') end(components, decision, action);
  // 2. The image is needed before anything runs; with nothing wanted a pull that is under way is of no use.
  const request = imageRequest(deployment, desired);
  if (plan.actions.some(({ type }) => type === 'Pull')) components.puller.ensure(request);
  if (desired.replicas === 0) components.puller.release(request.key);
  // 3. Nothing runs that a delete would leave behind.
  const runs = plan.actions.filter((action) => action.type === 'Run').slice(0, BATCH);
  if (runs.length === 0) return { ...decision, runs };
  const kept = await ensureFinalizer(components.store, deployment, FINALIZER);
  tellPulled(components, kept, observed);
  return { ...decision, deployment: kept, runs };
}

/** Starts what a plan says: one that fails does not keep the others from starting. @throws RuntimeError */
export async function startAll(
  components: ActorComponents,
  { deployment, desired, runs }: Prepared,
  signal: AbortSignal,
): Promise<void> {
  await allDone(runs.map((action) => run(components, deployment, desired, action, signal)));
}

function end({ terminator, recorder }: ActorComponents, decision: Decision, action: EndAction): void {
  const { deployment, observed } = decision;
  const container = observed.containers.find(({ name }) => name === action.name);
  if (!container) return;
  terminator.end(action.type, container, action.gracePeriodSeconds);
  if (container.state !== 'Running' || container.terminating) return;
  const verb = action.type === 'Stop' ? 'Stopping' : 'Removing';
  const name = displayName(deployment.metadata.name, container, false);
  recorder.record(deployment, 'Normal', Occurred.Killing, `${verb} ${name}: ${action.because}`);
}

async function run(
  { launcher, recorder }: ActorComponents,
  deployment: Deployment,
  desired: Desired,
  { ordinal, templateHash, attempt, backoffLevel, imageID }: RunAction,
  signal: AbortSignal,
): Promise<void> {
  const { container } = desired;
  const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
  const identity = { ...originOf(deployment), ordinal, templateHash, attempt, backoffLevel };
  const request = { ...identity, container, terminationGracePeriodSeconds, imageID };
  const failure = await launcher.run(request, signal);
  const name = `${deployment.metadata.name}-${ordinal}`;
  if (failure) recorder.record(deployment, 'Warning', Occurred.Failed, `${name}: ${failure.message}`);
  else recorder.record(deployment, 'Normal', Occurred.Started, `Started ${name}`);
}

function tellPulled({ recorder }: ActorComponents, deployment: Deployment, { image }: Observed): void {
  if (image.state !== 'Present' || image.pulledMs === undefined) return;
  const [container] = deployment.spec.template.spec.containers;
  const note = `Pulled ${container?.image} in ${(image.pulledMs / 1000).toFixed(1)} s`;
  recorder.record(deployment, 'Normal', Occurred.Pulled, note);
}
