import type { Container } from '../../../api/v1alpha1/container.ts';
import type { ContainerStatus } from '../../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { objectID } from '../resources.ts';
import { age } from './age.ts';
import type { Block } from './blocks.ts';
import { deploymentStatus } from './deployment-columns.ts';

export function describeDeployment(deployment: Deployment, now: number): Block[] {
  const { metadata, spec, status } = deployment;
  const observed = status?.observedGeneration;
  return [
    {
      fields: [
        ['ID', objectID(metadata.uid)],
        [
          'Generation',
          `${metadata.generation}${observed === undefined ? '' : ` (status is about ${observed})`}`,
        ],
        ['Source', metadata.lastApplied?.source ?? '<none>'],
        ['Status', deploymentStatus(deployment)],
        ['URL', status?.url ?? '<none>'],
        ['State', spec.state],
        ['Replicas', replicas(deployment)],
        ['Strategy', strategy(deployment)],
      ],
    },
    ...spec.template.spec.containers.map(template),
    {
      heading: 'Peers',
      columns: ['NAME', 'READY', 'DELIVERED', 'OBSERVED', 'LAST CONTACT'],
      rows: spec.placement.peers.map((name) => peer(deployment, name, now)),
    },
    {
      heading: 'Containers',
      columns: ['NAME', 'PEER', 'STATE', 'READY', 'RESTARTS', 'STARTED', 'REASON', 'MESSAGE'],
      rows: (status?.containers ?? []).map((container) => running(container, now)),
    },
  ];
}

function replicas({ spec, status }: Deployment): string {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  return `${spec.replicas} desired, ${replicas} exist, ${updatedReplicas} updated, ${readyReplicas} ready, ${availableReplicas} available`;
}

function strategy({ spec }: Deployment): string {
  if (spec.strategy.type === 'Recreate') return 'Recreate';
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate;
  return `RollingUpdate, max surge ${maxSurge}, max unavailable ${maxUnavailable}`;
}

/** Values of variables may be secrets: they are shown only to whoever asks for the spec itself. */
function template({ name, image, command, args, ports, env, resources }: Container): Block {
  return {
    fields: [
      ['Container', name],
      ['  Image', image],
      ...(command ? [['  Command', command.join(' ')] as const] : []),
      ...(args ? [['  Args', args.join(' ')] as const] : []),
      [
        '  Ports',
        (ports ?? []).map((port) => `${port.containerPort}/${port.protocol}`).join(', ') || '<none>',
      ],
      ['  Limits', `cpu ${resources.limits.cpu}, memory ${resources.limits.memory}`],
      ['  Environment', (env ?? []).map((variable) => variable.name).join(', ') || '<none>'],
    ],
  };
}

function peer({ status }: Deployment, name: string, now: number): string[] {
  const found = status?.peers?.find((candidate) => candidate.name === name);
  if (!found) return [name, '0/0', '<none>', '<none>', '<never>'];
  // Only a peer that did not answer has a last contact.
  const contact = found.lastContact === undefined ? 'now' : `${age(found.lastContact, now)} ago`;
  const generation = (value: number | undefined) => (value === undefined ? '<none>' : String(value));
  return [
    name,
    `${found.readyReplicas}/${found.desiredReplicas}`,
    generation(found.deliveredGeneration),
    generation(found.observedGeneration),
    contact,
  ];
}

function running(container: ContainerStatus, now: number): string[] {
  const { name, peer, state, ready, restarts, startedAt, reason = '', message = '' } = container;
  const started = startedAt === undefined ? '<none>' : `${age(startedAt, now)} ago`;
  return [name, peer ?? '<here>', state, ready ? 'yes' : 'no', String(restarts), started, reason, message];
}
