import * as z from 'zod';
import { container } from './container.ts';
import { expose } from './expose.ts';
import { annotations, count, dnsLabel, labels } from './fields.ts';

/** Kubernetes' IntOrString for a rolling update: `1` or `25%`. */
const SHARE = 'must be a whole number, or a percentage from 0% to 100%';
const share = z.union([count, z.string().regex(/^(100|[1-9]?\d)%$/, SHARE)], SHARE);

const rollingUpdate = z.strictObject({
  maxSurge: share
    .default(1)
    .describe('How many replicas may exist above replicas during an update. Percentages round up.'),
  maxUnavailable: share
    .default(0)
    .describe('How many replicas may be missing during an update. Percentages round down.'),
});

const strategy = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('RollingUpdate'), rollingUpdate: rollingUpdate.prefault({}) }),
      z.strictObject({ type: z.literal('Recreate') }),
    ],
    { error: ({ code }) => (code === 'invalid_union' ? 'must be RollingUpdate or Recreate' : undefined) },
  )
  .superRefine((value, context) => {
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
  });

const podSpec = z.strictObject({
  terminationGracePeriodSeconds: z
    .int()
    .min(0)
    .max(3600, 'must be at most an hour (3600)')
    .default(10)
    .describe('Seconds between SIGTERM and SIGKILL when a container stops.'),
  containers: z
    .array(container)
    .min(1, 'must name one container')
    .max(
      1,
      'more than one container per replica is not supported yet; make it a Deployment of its own, reachable by its name',
    )
    .describe('The container to run.'),
});

export const template = z.strictObject({
  metadata: z
    .strictObject({
      labels: labels
        .optional()
        .describe('Accepted so that a template can be pasted from Kubernetes; nothing selects by them.'),
      annotations: annotations
        .optional()
        .describe('Part of the template: changing one replaces the containers, as "peerctl restart" does.'),
    })
    .optional()
    .describe("The template's own metadata."),
  spec: podSpec.describe('What runs.'),
});

const deploymentFields = z.strictObject({
  placement: z
    .strictObject({
      peers: z
        .array(dnsLabel)
        .min(1, 'must name at least one TrustedPeer')
        .max(100)
        .refine((peers) => new Set(peers).size === peers.length, 'must not name a peer twice')
        .describe('Names of TrustedPeers; replicas are spread evenly over them, in this order.'),
    })
    .describe('Where the replicas run.'),
  replicas: count
    .max(1000, 'must be at most 1000')
    .default(1)
    .describe('How many copies run, over all peers.'),
  state: z
    .enum(['Running', 'Stopped'], { error: 'must be Running or Stopped' })
    .default('Running')
    .describe('Stopped removes the containers and keeps the replica count for the next start.'),
  strategy: strategy
    .prefault({ type: 'RollingUpdate' })
    .describe('How running replicas give way to new ones.'),
  minReadySeconds: count
    .max(86_400, 'must be at most a day (86400)')
    .default(0)
    .describe('Seconds a replica must be ready before it counts as available.'),
  progressDeadlineSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .describe('Seconds without progress after which an update is reported as stuck.'),
  expose: expose.optional().describe('Gives it a public HTTPS address on a gateway of the provider.'),
  template: template.describe("A strict subset of Kubernetes' PodTemplateSpec."),
});

/** Only what the container says it listens on is published on the provider, so nothing else can be exposed. */
export const deploymentSpec = deploymentFields.superRefine((spec, context) => {
  if (spec.expose === undefined || exposedPort(spec) !== undefined) return;
  const message = `${spec.expose.port} is none of the TCP ports of the container; add it to its ports`;
  context.addIssue({ code: 'custom', path: ['expose', 'port'], message });
});

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
