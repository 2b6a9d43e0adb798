import { findCondition } from '../../../api/meta/condition.ts';
import { Parsed, Ready } from '../../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { objectID } from '../resources.ts';
import type { Column } from './column.ts';

const NONE = '<none>';

export const DEPLOYMENT_COLUMNS: readonly Column<Deployment>[] = [
  { name: 'READY', value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}` },
  { name: 'UP-TO-DATE', value: ({ status }) => String(status?.updatedReplicas ?? 0) },
  { name: 'PEERS', value: ({ spec }) => spec.placement.peers.join(',') },
  { name: 'URL', value: ({ status }) => status?.url ?? NONE },
  {
    name: 'STATUS',
    value: (deployment, { deleted }) => (deleted ? 'Deleted' : deploymentStatus(deployment)),
  },
  {
    name: 'RESTARTS',
    value: ({ status }) => String(status?.containers?.reduce((sum, { restarts }) => sum + restarts, 0) ?? 0),
    wide: true,
  },
  {
    name: 'IMAGES',
    value: ({ spec }) => spec.template.spec.containers.map(({ image }) => image).join(','),
    wide: true,
  },
  { name: 'ID', value: ({ metadata }) => objectID(metadata.uid), wide: true },
];

/** One word for what a Deployment is doing. */
export function deploymentStatus({ metadata, status }: Deployment): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  if (findCondition(status?.conditions, Parsed)?.status === 'False') return 'InvalidManifest';
  const ready = findCondition(status?.conditions, Ready);
  if (!ready) return 'Pending';
  // A verdict on an older spec says nothing of this one.
  if ((ready.observedGeneration ?? status?.observedGeneration ?? 0) < metadata.generation) return 'Pending';
  return ready.reason;
}
