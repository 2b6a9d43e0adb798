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

/**
 * What a Deployment's status says of its public address. It is exposed where one gateway serves it: the others are there
 * for when that one fails, and what is wrong with them is said. Pure.
 */
export function exposureStatus(outcomes: readonly Outcome[]): {
  url: string | undefined;
  condition: ConditionInput;
} {
  const judged = outcomes.map((outcome) => ({ outcome, condition: conditionOf(outcome) }));
  const isServed = ({ condition }: (typeof judged)[number]) => condition.status === 'True';
  const first = judged.find(isServed);
  const urls = [first, ...judged].map((one) => one?.outcome.route?.status?.url);
  const url = urls.find((found) => found !== undefined);
  if (!first) return { url, condition: judged[0]?.condition ?? noGateway() };
  const troubles = judged.filter((one) => !isServed(one)).map(({ condition }) => condition.message);
  return {
    url,
    condition: { ...first.condition, message: [first.condition.message, ...troubles].join('; ') },
  };
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
