import { type ConditionInput, setConditions } from '../../api/meta/condition.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectMeta } from '../../api/meta/object.ts';
import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { type Admission, desiredOf } from '../../controllers/deployment/desired.ts';
import type { Observed, ObservedContainer } from '../../controllers/deployment/observed.ts';
import { planOf } from '../../controllers/deployment/plan.ts';
import { statusOf } from '../../controllers/deployment/status.ts';
import { deployment } from '../support/objects.ts';
import { NOW, observed, old } from './deployment-samples.ts';

/** Everything a status depends on. What is not given is as it is on a good day. */
export interface Situation {
  spec?: MergePatch;
  metadata?: Partial<ObjectMeta>;
  containers?: ObservedContainer[];
  observed?: Partial<Observed>;
  admission?: Admission;
  before?: DeploymentStatus;
  now?: number;
}

function objectOf({ spec = {}, metadata = {}, before: status }: Situation): Deployment {
  return { ...deployment('web', spec, metadata), status };
}

export function statusFor(situation: Situation): ReturnType<typeof statusOf> {
  const { containers = [], admission = { allowed: true }, now = NOW } = situation;
  const object = objectOf(situation);
  const desired = { ...desiredOf(object, admission), templateHash: 'new' };
  const seen = observed(containers, situation.observed);
  const { pulling } = planOf(desired, seen, now);
  return statusOf({ deployment: object, admission, desired, observed: seen, pulling, now });
}

/** As it would be written. */
export function whole({ status, conditions: own }: ReturnType<typeof statusOf>): DeploymentStatus {
  return { ...status, conditions: setConditions([], own, new Date(NOW)) };
}

export function earlier(): DeploymentStatus {
  return {
    ...whole(statusFor({ spec: { replicas: 2 }, containers: [old(0), old(1)] })),
    lastProgressTime: '2029-01-01T00:00:00.000Z',
  };
}

export function conditions(situation: Situation): Partial<Record<string, ConditionInput>> {
  return byType(statusFor(situation).conditions);
}

export function byType(list: readonly ConditionInput[] = []): Partial<Record<string, ConditionInput>> {
  return Object.fromEntries(list.map((condition) => [condition.type, condition]));
}
