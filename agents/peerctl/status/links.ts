import { type Condition, findCondition } from '../../../api/meta/condition.ts';
import type { ContainerStatus, PeerStatus } from '../../../api/v1alpha1/deployment-status.ts';
import {
  Admitted,
  Connected,
  Exposed,
  Parsed,
  Progressing,
  Ready,
  Reason,
  Synced,
} from '../../../api/v1alpha1/reasons.ts';
import type { Deployment, TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { age } from '../printers/age.ts';
import { shortID } from '../printers/column.ts';

/** All that the links of one chain are judged by. */
export interface Facts {
  deployment: Deployment;
  /** Name of the TrustedPeer whose copy is looked at. */
  peerName: string;
  trustedPeer: TrustedPeer | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** What the status says of the copy there. */
  peer: PeerStatus | undefined;
  /** Those of the present template there. */
  containers: ContainerStatus[];
}

/** What is to be said of one link, provided that those before it hold. */
export interface Finding {
  /** `waiting`: nothing is wrong, and it is not there yet. `unknown`: an earlier link has to hold first. */
  state: 'ok' | 'waiting' | 'broken' | 'unknown';
  /** For a person. */
  detail: string;
}

/** Reasons that are about the image, the process and the probe; all others are about what comes before. */
const IMAGE: readonly string[] = [Reason.ImagePullFailed, Reason.ImageNeverPull, Reason.PlatformMismatch];
const PROCESS: readonly string[] = [
  Reason.RunAsRoot,
  Reason.CreateFailed,
  Reason.StartFailed,
  Reason.PortConflict,
  Reason.CrashLoop,
  Reason.OOMKilled,
  Reason.Completed,
  Reason.Error,
  Reason.RuntimeUnavailable,
];
const PROBE: readonly string[] = [Reason.ProbeFailed, Reason.ProgressDeadlineExceeded];

/** From a manifest to a container that answers, in order. Each is a pure function. */
export const LINKS = [
  ['manifest', manifest],
  ['signature', signature],
  ['peer', peerLink],
  ['admission', admission],
  ['image', image],
  ['process', processLink],
  ['probe', probe],
  ['tunnel', tunnel],
] as const satisfies readonly (readonly [string, (facts: Facts) => Finding])[];

function manifest({ deployment: { metadata, status } }: Facts): Finding {
  const parsed = findCondition(status?.conditions, Parsed);
  if (parsed?.status === 'False') return broken(parsed);
  const source = metadata.lastApplied?.source;
  return ok(`generation ${metadata.generation}${source && source !== '-' ? `, from ${source}` : ''}`);
}

function signature({ deployment, peer }: Facts): Finding {
  const bad = peer?.conditions?.find(
    ({ status, reason }) => status === 'False' && reason === Reason.SignatureInvalid,
  );
  if (bad) return broken(bad);
  const delivered = isDelivered(deployment, peer);
  return ok(delivered ? 'the peer holds the spec as it was signed here' : 'made when the spec is sent');
}

function peerLink({ deployment, peer, peerName, trustedPeer, now }: Facts): Finding {
  const { owner } = deployment.metadata;
  if (owner !== undefined) return ok(`here, for ${shortID(owner)}`);
  if (!trustedPeer)
    return {
      state: 'broken',
      detail: `there is no TrustedPeer "${peerName}"; "peerctl peers add ID --name ${peerName}" makes one`,
    };
  const { expiresAt } = trustedPeer.spec;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now)
    return {
      state: 'broken',
      detail: `the trust in ${peerName} ended ${age(expiresAt, now)} ago; edit its expiresAt`,
    };
  const synced = findCondition(peer?.conditions, Synced);
  const isRefusal =
    findCondition(peer?.conditions, Admitted)?.status === 'False' &&
    synced?.reason !== Reason.NotTrustedByPeer;
  if (synced?.status === 'False' && synced.reason !== Reason.Queued && !isRefusal)
    return broken(synced, lastContact(peer, now));
  if (!isDelivered(deployment, peer) && !isRefusal)
    return {
      state: 'waiting',
      detail: `the spec waits for ${peerName}${lastContact(peer, now)}; "peerctl sync" delivers it`,
    };
  // It has the spec; what it said of it no longer counts.
  const ready = findCondition(peer?.conditions, Ready);
  if (ready?.reason === Reason.PeerUnreachable) return broken(ready, lastContact(peer, now));
  return ok(`${peerName}${connection(trustedPeer)}`);
}

function admission({ peer, trustedPeer }: Facts): Finding {
  const admitted = findCondition(peer?.conditions, Admitted);
  if (admitted?.status === 'False') return broken(admitted);
  if (admitted?.status !== 'True')
    return { state: 'waiting', detail: admitted?.message ?? 'the peer has not decided yet' };
  const { used, granted } = trustedPeer?.status ?? {};
  if (!used || !granted?.deploy) return ok('accepted');
  const { cpu, memory } = granted.deploy.resources;
  return ok(`uses ${used.cpu} of ${cpu} cpu, ${used.memory} of ${memory}`);
}

function image({ deployment, containers, peer }: Facts): Finding {
  const bad = firstOf(containers, IMAGE) ?? conditionOf(peer, IMAGE);
  if (bad) return broken(bad);
  const { pull } = deployment.status ?? {};
  if (pull) return { state: 'waiting', detail: `pulling ${pull.image}` };
  if (deployment.spec.state === 'Stopped') return ok('not needed while it is stopped');
  const found = containers.find((container) => container.image !== undefined)?.image;
  return found ? ok(found) : { state: 'waiting', detail: 'no container has it yet' };
}

function processLink({ deployment, containers, peer, now }: Facts): Finding {
  if (deployment.spec.state === 'Stopped')
    return { state: 'waiting', detail: `stopped; "peerctl start ${deployment.metadata.name}" starts it` };
  const bad = firstOf(containers, PROCESS) ?? conditionOf(peer, PROCESS);
  if (bad) return broken(bad);
  const running = containers.filter(({ state }) => state === 'Running');
  const wanted = peer?.desiredReplicas ?? deployment.spec.replicas;
  if (running.length < wanted) return { state: 'waiting', detail: `${running.length}/${wanted} run` };
  const [oldest] = running.flatMap(({ startedAt }) => startedAt ?? []).sort();
  return ok(`${running.length}/${wanted} run${oldest ? `, the oldest for ${age(oldest, now)}` : ''}`);
}

function probe({ deployment, containers, peer }: Facts): Finding {
  const bad = firstOf(containers, PROBE) ?? conditionOf(peer, PROBE);
  if (bad) return broken(bad);
  const ready = containers.filter((container) => container.ready).length;
  const wanted = peer?.desiredReplicas ?? deployment.spec.replicas;
  return { state: ready < wanted ? 'waiting' : 'ok', detail: `${ready}/${wanted} ready` };
}

/** Only of a Deployment that is exposed. */
function tunnel({ peer, deployment }: Facts): Finding {
  const exposed = findCondition(peer?.conditions, Exposed);
  if (exposed?.status === 'True') return ok(deployment.status?.url ?? exposed.message);
  return exposed
    ? broken(exposed)
    : { state: 'waiting', detail: 'the provider has not asked its gateway yet' };
}

function ok(detail: string): Finding {
  return { state: 'ok', detail };
}

function broken({ reason, message }: Partial<Pick<Condition, 'reason' | 'message'>>, suffix = ''): Finding {
  return { state: 'broken', detail: [reason, message].filter(Boolean).join(': ') + suffix };
}

function isDelivered({ metadata }: Deployment, peer: PeerStatus | undefined): boolean {
  return (peer?.deliveredGeneration ?? 0) >= metadata.generation;
}

/** The first container that fails for one of these reasons, in its words. */
function firstOf(
  containers: readonly ContainerStatus[],
  reasons: readonly string[],
): Partial<Condition> | undefined {
  const found = containers.find(
    ({ ready, reason }) => !ready && reason !== undefined && reasons.includes(reason),
  );
  return (
    found && { reason: `${found.name}: ${found.reason}`, ...(found.message && { message: found.message }) }
  );
}

/** The peer's own summary, where it is about one of these reasons. */
function conditionOf(peer: PeerStatus | undefined, reasons: readonly string[]): Condition | undefined {
  const conditions = [Ready, Progressing].map((type) => findCondition(peer?.conditions, type));
  return conditions.find(
    (condition) => condition && condition.status !== 'True' && reasons.includes(condition.reason),
  );
}

function lastContact(peer: PeerStatus | undefined, now: number): string {
  return peer?.lastContact === undefined ? '' : ` (last seen ${age(peer.lastContact, now)} ago)`;
}

function connection({ status }: TrustedPeer): string {
  const connected = findCondition(status?.conditions, Connected);
  const milliseconds = status?.roundTripMilliseconds;
  const way = connected?.status === 'True' ? `, ${connected.reason.toLowerCase()}` : '';
  return `${way}${milliseconds === undefined ? '' : `, ${Math.round(milliseconds)} ms`}`;
}
