import { formatBytes, formatCPU, toBytes, toNanoCPUs } from '../../api/meta/quantity.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import type { Amounts } from '../../api/v1alpha1/trusted-peer.ts';

/** What containers may use at most. `nanoCPUs` are billionths of a core. */
export interface Usage {
  deployments: number;
  replicas: number;
  nanoCPUs: number;
  memoryBytes: number;
}

export const NO_USAGE: Usage = { deployments: 0, replicas: 0, nanoCPUs: 0, memoryBytes: 0 };

/**
 * What a spec lays claim to once it is settled. A stopped one claims its place among the Deployments
 * only; the extra replica of a rolling update is transient and not counted (docs/decisions).
 */
export function usageOf(spec: DeploymentSpec): Usage {
  const replicas = spec.state === 'Stopped' ? 0 : spec.replicas;
  const limits = spec.template.spec.containers.map(({ resources }) => resources.limits);
  const sum = (measure: (limit: (typeof limits)[number]) => number) =>
    replicas * limits.reduce((total, limit) => total + measure(limit), 0);
  return {
    deployments: 1,
    replicas,
    nanoCPUs: sum(({ cpu }) => toNanoCPUs(cpu)),
    memoryBytes: sum(({ memory }) => toBytes(memory)),
  };
}

export function add(a: Usage, b: Usage, sign: 1 | -1 = 1): Usage {
  return {
    deployments: a.deployments + sign * b.deployments,
    replicas: a.replicas + sign * b.replicas,
    nanoCPUs: a.nanoCPUs + sign * b.nanoCPUs,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
  };
}

/** The same as a status shows it. */
export function toAmounts({ deployments, replicas, nanoCPUs, memoryBytes }: Usage): Amounts {
  return { deployments, replicas, cpu: formatCPU(nanoCPUs), memory: formatBytes(memoryBytes) };
}
