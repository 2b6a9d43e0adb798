import type { Deployment } from '../../api/v1alpha1/types.ts';
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

export interface Acted {
  /** As it is now: a finalizer may have been added. */
  deployment: Deployment;
  /** How many containers it tried to start. */
  runs: number;
}

/** Carries out a plan. Only starts are waited for; what ends and what is pulled reports later. @throws RuntimeError, StatusError */
export async function act(
  components: ActorComponents,
  decision: Decision,
  signal: AbortSignal,
): Promise<Acted> {
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
  if (runs.length === 0) return { deployment, runs: 0 };
  const kept = await ensureFinalizer(components.store, deployment, FINALIZER);
  tellPulled(components, kept, observed);
  // 4. One that fails does not keep the others from starting.
  const results = await Promise.allSettled(
    runs.map((action) => run(components, kept, desired, action, signal)),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return { deployment: kept, runs: runs.length };
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
