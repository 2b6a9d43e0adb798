import { type ConditionInput, findCondition } from '../../api/meta/condition.ts';
import type { StatusError } from '../../api/meta/status-error.ts';
import { Exposed, Ready, Reason } from '../../api/v1alpha1/reasons.ts';
import type { Route } from '../../api/v1alpha1/types.ts';

/** What asking one gateway came to. */
export interface Outcome {
  /** TrustedPeer. */
  gateway: string;
  /** As it shows it now. */
  route?: Route | undefined;
  /** Why it could not be asked, or what it refused. */
  problem?: StatusError | undefined;
}

/** What a Deployment's status says of its public address. Pure. */
export function exposureStatus(outcomes: readonly Outcome[]): {
  url: string | undefined;
  condition: ConditionInput;
} {
  const conditions = outcomes.map(conditionOf);
  const worst = conditions.find(({ status }) => status !== 'True') ?? conditions[0] ?? noGateway();
  const url = outcomes.map(({ route }) => route?.status?.url).find((found) => found !== undefined);
  return { url, condition: worst };
}

function conditionOf({ gateway, route, problem }: Outcome): ConditionInput {
  if (problem) return notExposed(...reasonOf(problem, gateway));
  const ready = findCondition(route?.status?.conditions, Ready);
  const isAboutThis = route?.status?.observedGeneration === route?.metadata.generation;
  if (!ready || !isAboutThis) return notExposed(Reason.Queued, `${gateway} has not answered yet`);
  const { status, reason, message } = ready;
  return { type: Exposed, status, reason, message: `${gateway}: ${message}` };
}

function reasonOf(problem: StatusError, gateway: string): [string, string] {
  if (problem.details.cause !== Reason.PeerUnreachable)
    return [problem.conditionReason, `${gateway}: ${problem.message}`];
  return [Reason.GatewayUnreachable, `${gateway} does not answer: ${problem.message}`];
}

function noGateway(): ConditionInput {
  return notExposed(
    Reason.NoGateway,
    'the provider has no such gateway; its owner can start peercomputed with --gateway',
  );
}

function notExposed(reason: string, message: string): ConditionInput {
  return { type: Exposed, status: 'False', reason, message };
}
