import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Context } from '../context.ts';
import { ExitCode } from '../errors.ts';
import { age, formatDuration } from '../printers/age.ts';
import type { FollowOptions } from './follow.ts';
import { isDelivered, type Outcome, outcomeOf } from './outcome.ts';

/** Says what became of each Deployment, and answers the exit code of the first that is not what was asked for. */
export function reportOutcomes(
  context: Context,
  found: readonly (Deployment | undefined)[],
  options: FollowOptions,
  timedOut: boolean,
): number {
  const codes = found.flatMap((deployment) =>
    deployment ? [report(context, deployment, options, timedOut)] : [],
  );
  return codes.find((code) => code !== ExitCode.Done) ?? ExitCode.Done;
}

function report(context: Context, deployment: Deployment, options: FollowOptions, timedOut: boolean): number {
  const { metadata, status } = deployment;
  const outcome = outcomeOf(deployment);
  if (
    !metadata.deletionTimestamp &&
    (outcome.state === 'done' || (!options.wait && isDelivered(deployment)))
  ) {
    if (outcome.state === 'done' && status?.url) context.out.line(status.url);
    return ExitCode.Done;
  }
  context.fail(`deployment/${metadata.name} ${sentence(context, deployment, outcome, options, timedOut)}`);
  return outcome.exitCode;
}

function sentence(
  context: Context,
  deployment: Deployment,
  outcome: Outcome,
  { timeout }: FollowOptions,
  timedOut: boolean,
): string {
  const { metadata } = deployment;
  if (outcome.exitCode === ExitCode.PeerUnreachable)
    return isDelivered(deployment)
      ? `has been delivered, but how it is now cannot be known: ${outcome.message}`
      : queued(deployment, outcome, context.clock.now());
  const { RefusedByPeer } = ExitCode;
  const wanted = metadata.deletionTimestamp
    ? 'not gone'
    : outcome.exitCode === RefusedByPeer
      ? 'refused'
      : 'not ready';
  const when = timedOut ? ` after ${formatDuration(timeout)}` : '';
  return `is ${wanted}${when}: ${outcome.message}; "peerctl status ${metadata.name}" shows more`;
}

/** Offline is a state: what was written is delivered as soon as the peer is back and one of us looks. */
function queued({ metadata, spec, status }: Deployment, { message }: Outcome, now: number): string {
  const peers = new Map((status?.peers ?? []).map((peer) => [peer.name, peer]));
  const waiting = spec.placement.peers.filter(
    (name) => (peers.get(name)?.deliveredGeneration ?? 0) < metadata.generation,
  );
  const names = waiting.map((name) => {
    const contact = peers.get(name)?.lastContact;
    return `${name} (${contact ? `last seen ${age(contact, now)} ago` : 'never seen'})`;
  });
  return `is queued for ${names.join(', ')}: ${message}; any later apply, sync or get -w delivers it`;
}
