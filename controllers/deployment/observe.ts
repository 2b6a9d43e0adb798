import { keyOf } from '../../api/meta/object.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { RuntimeContainer } from '../ports/runtime.ts';
import { originOf } from './container.ts';
import type { Desired } from './desired.ts';
import type { Launcher } from './launcher.ts';
import type { Health, Observed } from './observed.ts';
import type { Prober, ProbeTarget } from './prober.ts';
import { pullPolicyOf } from './pull-policy.ts';
import type { ImageRequest, Puller } from './puller.ts';
import { isoTime } from './replica.ts';
import type { Snapshot } from './snapshot.ts';
import type { Terminator } from './terminator.ts';

export interface ObserverComponents {
  snapshot: Snapshot;
  prober: Prober;
  puller: Puller;
  terminator: Terminator;
  launcher: Launcher;
}

/**
 * Everything a plan for this Deployment depends on. Undefined while the runtime does not yet show what we have done.
 * @throws RuntimeError when the runtime does not answer
 */
export async function observe(
  { snapshot, prober, puller, terminator, launcher }: ObserverComponents,
  deployment: Deployment,
  desired: Desired,
): Promise<Observed | undefined> {
  const origin = originOf(deployment);
  const containers = await snapshot.of(origin, Date.parse(deployment.metadata.creationTimestamp));
  if (!containers) return undefined;
  const wasReady = readyBefore(deployment);
  const targets = containers
    .filter(({ state }) => state === 'Running')
    .map((container) => targetOf(container, desired, wasReady));
  const health = prober.watch(keyOf(deployment), targets);
  return {
    containers: containers.map((container) => ({
      ...container,
      health: health.get(container.name) ?? NOT_RUNNING,
      ...terminator.of(container.name),
    })),
    image: puller.state(imageRequest(deployment, desired)),
    runFailures: launcher.failures(origin, desired.templateHash),
  };
}

export function imageRequest(deployment: Deployment, { templateHash, container }: Desired): ImageRequest {
  const { image } = container;
  return { key: keyOf(deployment), revision: templateHash, image, policy: pullPolicyOf(container) };
}

const NOT_RUNNING: Health = { ready: false, failed: false };

function targetOf(
  container: RuntimeContainer,
  desired: Desired,
  wasReady: (container: RuntimeContainer) => boolean,
): ProbeTarget {
  const { name, startedAt, createdAt, templateHash } = container;
  return {
    name,
    startedAt: startedAt ?? createdAt,
    probes: templateHash === desired.templateHash ? desired.container : undefined,
    wasReady: wasReady(container),
  };
}

/** After a restart of the agent the last status is all that is known of how containers were. */
function readyBefore({ status }: Deployment): (container: RuntimeContainer) => boolean {
  const runOf = (ordinal: number, attempt: number, updated: boolean, startedAt: string | undefined) =>
    [ordinal, attempt, updated, startedAt].join('/');
  const ready = (status?.containers ?? []).filter((before) => before.ready);
  const runs = new Set(
    ready.map(({ ordinal, restarts, updated, startedAt }) => runOf(ordinal, restarts, updated, startedAt)),
  );
  return ({ ordinal, attempt, templateHash, startedAt }) =>
    runs.has(runOf(ordinal, attempt, templateHash === status?.revision, isoTime(startedAt)));
}
