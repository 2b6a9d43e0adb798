import { formatBytes, formatCPU, toBytes, toNanoCPUs } from '../../api/meta/quantity.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { DeployGrant } from '../../api/v1alpha1/trusted-peer.ts';
import { forbidden } from './authorize.ts';
import type { Usage } from './usage.ts';

/** Upper bounds; one that is absent does not bind. */
export type Ceiling = Partial<Usage>;

export function grantCeiling({ maxDeployments, maxReplicas, resources }: DeployGrant): Ceiling {
  return {
    deployments: maxDeployments,
    replicas: maxReplicas,
    nanoCPUs: toNanoCPUs(resources.cpu),
    memoryBytes: toBytes(resources.memory),
  };
}

const MEASURES: readonly { of: keyof Usage; name: string; field: string; format(value: number): string }[] = [
  { of: 'deployments', name: 'deployments', field: 'metadata.name', format: String },
  { of: 'replicas', name: 'replicas', field: 'spec.replicas', format: String },
  {
    of: 'nanoCPUs',
    name: 'cpu',
    field: 'spec.template.spec.containers[0].resources.limits.cpu',
    format: formatCPU,
  },
  {
    of: 'memoryBytes',
    name: 'memory',
    field: 'spec.template.spec.containers[0].resources.limits.memory',
    format: formatBytes,
  },
];

/**
 * Checks what would be in use against a ceiling. `before` is what is in use without the change: what
 * was already too much may shrink or stay, so that a lowered grant never blocks the way down.
 * @throws StatusError `Forbidden`, cause QuotaExceeded, naming the first amount that does not fit.
 */
export function checkCeiling(ceiling: Ceiling, before: Usage, after: Usage, whose: string): void {
  for (const { of, name, field, format } of MEASURES) {
    const limit = ceiling[of];
    if (limit === undefined || after[of] <= limit || after[of] <= before[of]) continue;
    const message = `${name}: ${format(after[of])} would be in use of ${format(limit)} that ${whose}; ask for less, or ask the machine's owner for more`;
    throw forbidden(Reason.QuotaExceeded, message, field);
  }
}
