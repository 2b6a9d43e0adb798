import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { Observed, ObservedContainer } from '../../controllers/deployment/observed.ts';
import { type Plan, planOf } from '../../controllers/deployment/plan.ts';
import { desired, NOW, observed } from './deployment-samples.ts';

/** A row of a table of plans. */
export interface Case {
  what: string;
  spec?: MergePatch;
  containers: ObservedContainer[];
  observed?: Partial<Observed>;
  does: string[];
}

export const ending = { terminating: { gracePeriodSeconds: 10 } };

export function surge(maxSurge: number | string, maxUnavailable: number | string) {
  return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } };
}

/** What is planned: `run <ordinal>/<attempt>`, `remove <name>`, `pull`. */
export function planned({ spec, containers, observed: change }: Case): string[] {
  return steps(planOf(desired(spec), observed(containers, change), NOW).actions);
}

function steps(actions: Plan['actions']): string[] {
  return actions.map((action) => {
    if (action.type === 'Pull') return 'pull';
    return action.type === 'Run'
      ? `run ${action.ordinal}/${action.attempt}`
      : `${action.type.toLowerCase()} ${action.name}`;
  });
}
