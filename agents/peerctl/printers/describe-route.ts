import type { HostReservation, Route } from '../../../api/v1alpha1/types.ts';
import type { Block } from './blocks.ts';
import { routeStatus } from './route-columns.ts';

export function describeRoute(route: Route): Block[] {
  const { spec, status } = route;
  const { deployment, expose, owner } = spec;
  return [
    {
      fields: [
        ['For', owner],
        ['Deployment', `${deployment.namespace}/${deployment.name}, generation ${deployment.generation}`],
        ['Port', `${expose.port}, ${expose.protocol}`],
        ['Let in', letIn(route)],
        ['Status', routeStatus(route)],
        ['Host', status?.host ?? '<none>'],
        ['URL', status?.url ?? '<none>'],
        ['Requests', String(status?.traffic?.requests ?? '<none>')],
        ['Errors', String(status?.traffic?.errors ?? '<none>')],
      ],
    },
  ];
}

export function describeHostReservation({ spec }: HostReservation): Block[] {
  const { owner, deployment, generated } = spec;
  return [
    {
      fields: [
        ['For', owner],
        ['Deployment', `${deployment.namespace}/${deployment.name}`],
        ['Chosen by', generated ? 'the gateway' : 'its owner'],
      ],
    },
  ];
}

/** No name, password or token: these are of concern to the owner alone. */
function letIn({ spec: { expose } }: Route): string[] {
  const { allowCIDRs = [], basicAuth = [], bearer = [] } = expose.access ?? {};
  const rules = [
    ...(allowCIDRs.length > 0 ? [`from ${allowCIDRs.join(', ')}`] : []),
    ...(basicAuth.length > 0 ? [`by password (${basicAuth.length})`] : []),
    ...(bearer.length > 0 ? [`by token (${bearer.length})`] : []),
  ];
  return rules.length > 0 ? rules : ['everybody'];
}
