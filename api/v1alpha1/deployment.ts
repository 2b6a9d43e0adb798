import * as z from 'zod/mini';
import { matching, object, optional, required, withDefault, withDefaults } from '../meta/schema.ts';
import { container } from './container.ts';
import { expose } from './expose.ts';
import { annotations, count, dnsLabel, labels } from './fields.ts';

/** Kubernetes' IntOrString for a rolling update: `1` or `25%`. */
const SHARE = 'must be a whole number, or a percentage from 0% to 100%';
const share = z.union([count, matching(/^(100|[1-9]?\d)%$/, SHARE)], SHARE);

const rollingUpdate = object(() => ({
  maxSurge: withDefault(
    share,
    1,
    'How many replicas may exist above replicas during an update. Percentages round up.',
  ),
  maxUnavailable: withDefault(
    share,
    0,
    'How many replicas may be missing during an update. Percentages round down.',
  ),
}));

const strategy = z
  .discriminatedUnion(
    'type',
    [
      object(() => ({ type: z.literal('RollingUpdate'), rollingUpdate: z.prefault(rollingUpdate, {}) })),
      object(() => ({ type: z.literal('Recreate') })),
    ],
    { error: ({ code }) => (code === 'invalid_union' ? 'must be RollingUpdate or Recreate' : undefined) },
  )
  .check(
    z.superRefine((value, context) => {
      if (
        value.type === 'RollingUpdate' &&
        isNone(value.rollingUpdate.maxSurge) &&
        isNone(value.rollingUpdate.maxUnavailable)
      ) {
        context.addIssue({
          code: 'custom',
          path: ['rollingUpdate'],
          message: 'maxSurge and maxUnavailable must not both be 0: no replica could ever be replaced',
        });
      }
    }),
  );

const podSpec = object(() => ({
  terminationGracePeriodSeconds: withDefault(
    z.int().check(z.minimum(0), z.maximum(3600, 'must be at most an hour (3600)')),
    10,
    'Seconds between SIGTERM and SIGKILL when a container stops.',
  ),
  containers: required(
    z
      .array(container)
      .check(
        z.minLength(1, 'must name one container'),
        z.maxLength(
          1,
          'more than one container per replica is not supported yet; make it a Deployment of its own, reachable by its name',
        ),
      ),
    'The container to run.',
  ),
}));

const templateMeta = object(() => ({
  labels: optional(
    labels,
    'Accepted so that a template can be pasted from Kubernetes; nothing selects by them.',
  ),
  annotations: optional(
    annotations,
    'Part of the template: changing one replaces the containers, as "peerctl restart" does.',
  ),
}));

export const template = object(() => ({
  metadata: optional(templateMeta, "The template's own metadata."),
  spec: required(podSpec, 'What runs.'),
}));

const placement = object(() => ({
  peers: required(
    z.array(dnsLabel).check(
      z.minLength(1, 'must name at least one TrustedPeer'),
      z.maxLength(100),
      z.refine((peers) => new Set(peers).size === peers.length, 'must not name a peer twice'),
    ),
    'Names of TrustedPeers; replicas are spread evenly over them, in this order.',
  ),
}));

const replicas = count.check(z.maximum(1000, 'must be at most 1000'));
const upToADay = count.check(z.maximum(86_400, 'must be at most a day (86400)'));

export const deploymentSpec = object(
  () => ({
    placement: required(placement, 'Where the replicas run.'),
    replicas: withDefault(replicas, 1, 'How many copies run, over all peers.'),
    state: withDefault(
      z.enum(['Running', 'Stopped'], { error: 'must be Running or Stopped' }),
      'Running',
      'Stopped removes the containers and keeps the replica count for the next start.',
    ),
    strategy: withDefaults(strategy, { type: 'RollingUpdate' }, 'How running replicas give way to new ones.'),
    minReadySeconds: withDefault(
      upToADay,
      0,
      'Seconds a replica must be ready before it counts as available.',
    ),
    progressDeadlineSeconds: withDefault(
      z.int().check(z.minimum(1), z.maximum(86_400)),
      600,
      'Seconds without progress after which an update is reported as stuck.',
    ),
    expose: optional(expose, 'Gives it a public HTTPS address on a gateway of the provider.'),
    template: required(template, "A strict subset of Kubernetes' PodTemplateSpec."),
  }),
  // Only what the container says it listens on is published on the provider, so nothing else can be exposed.
  z.superRefine((spec, context) => {
    if (spec.expose === undefined || exposedPort(spec) !== undefined) return;
    const message = `${spec.expose.port} is none of the TCP ports of the container; add it to its ports`;
    context.addIssue({ code: 'custom', path: ['expose', 'port'], message });
  }),
);

export type DeploymentSpec = z.infer<typeof deploymentSpec>;
export type PodTemplate = z.infer<typeof template>;

/** The container port that a spec exposes; undefined where there is none. */
export function exposedPort({
  expose,
  template,
}: Pick<DeploymentSpec, 'expose' | 'template'>): number | undefined {
  const ports = template.spec.containers.flatMap((container) => container.ports ?? []);
  const isMeant = ({ name, containerPort }: (typeof ports)[number]) =>
    [name, containerPort].includes(expose?.port);
  return ports.find((port) => port.protocol === 'TCP' && isMeant(port))?.containerPort;
}

/** `share` of `total` replicas. A surge rounds up and an outage down, so that an update can always move. */
export function resolveShare(share: number | string, total: number, round: 'up' | 'down'): number {
  if (typeof share === 'number') return share;
  const exact = (Number.parseInt(share, 10) * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

function isNone(share: number | string): boolean {
  return share === 0 || share === '0%';
}
