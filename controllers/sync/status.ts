import { type Condition, type ConditionInput, findCondition } from '../../api/meta/condition.ts';
import type { ContainerStatus, DeploymentStatus, PeerStatus } from '../../api/v1alpha1/deployment-status.ts';
import {
  Admitted,
  Available,
  Exposed,
  Progressing,
  Ready,
  Reason,
  Synced,
} from '../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Outcome } from './outcome.ts';
import { peerStatus } from './peer-status.ts';

const SUMMED = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;

/** Conditions that hold for a Deployment when they hold on every peer, in the order a person asks. */
const EVERYWHERE: readonly { type: string; ok: ConditionInput }[] = [
  {
    type: Synced,
    ok: {
      type: Synced,
      status: 'True',
      reason: Reason.Delivered,
      message: 'every peer has the current spec',
    },
  },
  {
    type: Admitted,
    ok: {
      type: Admitted,
      status: 'True',
      reason: Reason.Accepted,
      message: "every peer's policy accepts this spec",
    },
  },
  {
    type: Available,
    ok: {
      type: Available,
      status: 'True',
      reason: Reason.MinimumReplicasAvailable,
      message: 'enough replicas are available',
    },
  },
  {
    type: Progressing,
    ok: {
      type: Progressing,
      status: 'True',
      reason: Reason.UpdateComplete,
      message: 'every replica runs the current template',
    },
  },
];

/** Only of a Deployment that asks for it. */
const EXPOSED = {
  type: Exposed,
  ok: {
    type: Exposed,
    status: 'True',
    reason: Reason.Ready,
    message: 'its public address answers',
  },
} as const;

/** The status without its conditions, and the conditions to merge into it. Pure. */
export function syncStatus(
  deployment: Deployment,
  outcomes: readonly Outcome[],
  now: Date,
): { status: Omit<DeploymentStatus, 'conditions'>; conditions: ConditionInput[] } {
  const { generation } = deployment.metadata;
  const before = new Map((deployment.status?.peers ?? []).map((peer) => [peer.name, peer]));
  const peers = outcomes
    .filter(({ leaving, delivered }) => !(leaving && delivered))
    .map((outcome) => peerStatus(outcome, before.get(outcome.peer), generation, now));
  const inContact = outcomes.filter(({ unreachable }) => !unreachable);
  const status = {
    observedGeneration: generation,
    ...sums(peers.filter(({ name }) => inContact.some(({ peer }) => peer === name))),
    revision:
      outcomes.find(({ remote, delivered }) => remote && delivered)?.remote?.status?.revision ??
      deployment.status?.revision,
    url: outcomes.find(({ remote }) => remote?.status?.url)?.remote?.status?.url,
    pull: outcomes.find(({ remote }) => remote?.status?.pull)?.remote?.status?.pull,
    peers,
    containers: outcomes.flatMap((outcome) => containers(outcome, deployment.status?.containers)),
  };
  return { status, conditions: summarize(deployment, peers) };
}

function sums(peers: readonly PeerStatus[]): Pick<DeploymentStatus, (typeof SUMMED)[number]> {
  const total = (field: (typeof SUMMED)[number]) => peers.reduce((sum, peer) => sum + peer[field], 0);
  return {
    replicas: total('replicas'),
    updatedReplicas: total('updatedReplicas'),
    readyReplicas: total('readyReplicas'),
    availableReplicas: total('availableReplicas'),
  };
}

/** A silent peer's containers stay listed, but nobody can say that they are ready. */
function containers(
  { peer, remote, unreachable }: Outcome,
  before: ContainerStatus[] = [],
): ContainerStatus[] {
  if (!unreachable) return (remote?.status?.containers ?? []).map((container) => ({ ...container, peer }));
  const known = remote?.status?.containers ?? before.filter((container) => container.peer === peer);
  return known.map((container) => ({ ...container, peer, ready: false }));
}

function summarize({ metadata, spec }: Deployment, peers: readonly PeerStatus[]): ConditionInput[] {
  const asked = spec.expose ? [...EVERYWHERE, EXPOSED] : EVERYWHERE;
  const all = asked.map(({ type, ok }) => worst(type, peers) ?? ok);
  if (metadata.deletionTimestamp) return [...all, terminating(peers)];
  const notReady = all.slice(0, 2).find(({ status }) => status !== 'True') ?? worst(Ready, peers);
  const ready = notReady
    ? { ...notReady, type: Ready }
    : { type: Ready, status: 'True' as const, reason: Reason.Ready, message: 'every replica is ready' };
  return [...all, ready];
}

/** The first peer's condition of this type that is not True, with the peer's name where there are several. */
function worst(type: string, peers: readonly PeerStatus[]): ConditionInput | undefined {
  const found = peers.map(({ name, conditions }) => ({ name, condition: findCondition(conditions, type) }));
  const bad =
    found.find(({ condition }) => condition?.status === 'False') ??
    found.find(({ condition }) => condition?.status !== 'True');
  const settling = found.find(
    ({ condition }) => type === Progressing && condition?.reason !== Reason.UpdateComplete,
  );
  const chosen = bad ?? settling;
  if (!chosen) return undefined;
  const { status, reason, message } = chosen.condition ?? missing(chosen.name);
  return { type, status, reason, message: peers.length > 1 ? `${chosen.name}: ${message}` : message };
}

function missing(name: string): Pick<Condition, 'status' | 'reason' | 'message'> {
  return { status: 'Unknown', reason: Reason.Starting, message: `${name} has not reported yet` };
}

function terminating(peers: readonly PeerStatus[]): ConditionInput {
  const waiting = peers.map(({ name }) => name).join(', ');
  const message = waiting ? `waiting for ${waiting} to remove the containers` : 'removed everywhere';
  return { type: Ready, status: 'False', reason: Reason.Terminating, message };
}
