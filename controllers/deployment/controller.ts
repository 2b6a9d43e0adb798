import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { Controller, type ControllerComponents } from '../core/controller.ts';
import type { Recorder } from '../core/event-recorder.ts';
import type { Informer } from '../core/informer.ts';
import type { Runnable } from '../core/manager.ts';
import { hintSource, intervalSource, objectSource, type Source, Trigger } from '../core/source.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { Runtime, RuntimeEvent } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import type { Verifier } from '../ports/verifier.ts';
import type { Authorize } from './admission.ts';
import { originOf } from './container.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { Launcher } from './launcher.ts';
import { Prober } from './prober.ts';
import { Puller } from './puller.ts';
import { DeploymentReconciler } from './reconciler.ts';
import { Snapshot } from './snapshot.ts';
import { Terminator } from './terminator.ts';

export interface DeploymentComponents extends ControllerComponents {
  store: Store;
  runtime: Runtime;
  deployments: Informer<'Deployment'>;
  verifier: Verifier;
  authorize: Authorize;
  recorder: Recorder;
}

export interface DeploymentInit {
  /** What else tells that a Deployment must be looked at, such as a change of whom we trust. */
  sources?: readonly Source<'Deployment'>[];
  workers?: number;
  /** Pulls at a time. */
  pulls?: number;
  /** How late a change is noticed whose hint was lost, in milliseconds. Default: 30 s. */
  resyncMs?: number;
}

const DEFAULTS = { workers: 8, resyncMs: 30_000 };

/** The provider's heart: the controller that runs Deployments here, and what lives beside it. Starts nothing. */
export function deploymentController(
  components: DeploymentComponents,
  init: DeploymentInit = {},
): { controller: Controller<'Deployment'>; runnables: Runnable[] } {
  const { deployments } = components;
  const trigger = new Trigger<'Deployment'>();
  const snapshot = new Snapshot(components);
  const prober = new Prober({ ...components, trigger });
  const puller = new Puller({ ...components, trigger }, { concurrency: init.pulls });
  const launcher = new Launcher({ ...components, snapshot });
  const terminator = new Terminator({ ...components, snapshot, trigger });
  const statusWriter = new StatusWriter(components);
  const parts = { ...components, snapshot, prober, puller, launcher, terminator, statusWriter };
  const resync = {
    milliseconds: init.resyncMs ?? DEFAULTS.resyncMs,
    keys: () => deployments.list().map(keyOf),
  };
  const controller = new Controller<'Deployment'>(components, {
    name: 'deployment',
    reconciler: new DeploymentReconciler(parts),
    workers: init.workers ?? DEFAULTS.workers,
    sources: [
      objectSource(deployments),
      trigger,
      runtimeSource(components, snapshot),
      intervalSource(components, resync),
      ...(init.sources ?? []),
    ],
  });
  return { controller, runnables: [prober, puller, new GarbageCollector(parts)] };
}

/** Events of the runtime name a uid; whoever made it up may have made it up twice, so every Deployment of it is meant. */
function runtimeSource(components: DeploymentComponents, snapshot: Snapshot): Source<'Deployment'> {
  const { runtime, deployments } = components;
  const keys = (hint: RuntimeEvent | undefined): ObjectKey<'Deployment'>[] => {
    if (hint?.uid === undefined) snapshot.changedAll();
    const meant = deployments
      .list()
      .filter(({ metadata }) => hint?.uid === undefined || metadata.uid === hint.uid);
    for (const deployment of meant) snapshot.changed(originOf(deployment));
    return meant.map(keyOf);
  };
  return hintSource(components, { hints: (signal) => runtime.events(signal), keys });
}
