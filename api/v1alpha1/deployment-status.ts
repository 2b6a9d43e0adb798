import * as z from 'zod';
import { port, timestamp } from './fields.ts';
import { conditions, counter, sentence, word } from './status-fields.ts';

const publishedPort = z.strictObject({
  containerPort: port.describe('Port in the container.'),
  protocol: z.enum(['TCP', 'UDP']).describe('Transport protocol.'),
  hostPort: port.describe("Port on the provider's 127.0.0.1."),
});

const containerStatus = z.strictObject({
  name: word.describe('<deployment>-<ordinal>; unique on its peer.'),
  peer: word.optional().describe('TrustedPeer that runs it.'),
  ordinal: counter.describe('Position among the replicas of its peer.'),
  state: z.enum(['Waiting', 'Running', 'Terminated']).describe('What the container does.'),
  ready: z.boolean().describe('Whether its startup and readiness probes pass.'),
  updated: z.boolean().describe('Whether it runs the current template.'),
  restarts: counter.describe('How often it was started again.'),
  reason: word.optional().describe('Why it waits or ended, such as CrashLoop or OOMKilled.'),
  message: sentence.optional().describe('The same for people.'),
  exitCode: z.int().optional().describe('Exit code of the last run.'),
  startedAt: timestamp.optional().describe('When the current or last run began.'),
  ports: z.array(publishedPort).max(64).optional().describe('Where its ports are published.'),
  image: z.string().max(600).optional().describe('Image it runs, by digest where the registry gave one.'),
});

const counts = {
  replicas: counter.default(0).describe('Containers that exist.'),
  updatedReplicas: counter.default(0).describe('Of these, how many run the current template.'),
  readyReplicas: counter.default(0).describe('How many are ready.'),
  availableReplicas: counter.default(0).describe('How many have been ready for minReadySeconds.'),
};

const peerStatus = z.strictObject({
  name: word.describe('TrustedPeer.'),
  ...counts,
  desiredReplicas: counter.default(0).describe('Replicas this peer is asked to run.'),
  observedGeneration: counter.optional().describe('Our generation that the peer has acted on.'),
  deliveredGeneration: counter.optional().describe('Our generation that the peer has accepted.'),
  lastContact: timestamp.optional().describe('When the peer last answered.'),
  conditions: conditions.optional().describe('Synced, Admitted, Available, ... as they are on this peer.'),
});

export const deploymentStatus = z.strictObject({
  observedGeneration: counter.optional().describe('Generation this status is about.'),
  ...counts,
  revision: word.optional().describe('Hash of the current template.'),
  lastProgressTime: timestamp
    .optional()
    .describe('When the current update last moved; progressDeadlineSeconds counts from here.'),
  url: z.string().max(2048).optional().describe('Public address.'),
  pull: z
    .strictObject({
      image: z.string().max(600),
      current: counter.describe('Bytes.'),
      total: counter.describe('Bytes; 0 while unknown.'),
    })
    .optional()
    .describe('Progress of an image pull under way.'),
  peers: z
    .array(peerStatus)
    .max(100)
    .optional()
    .describe('The same per peer; only on the side that placed the Deployment.'),
  containers: z.array(containerStatus).max(2000).optional().describe('Every container.'),
  conditions: conditions
    .optional()
    .describe('Ready sums up Available, Progressing, Synced, Admitted and Stalled.'),
});

export type DeploymentStatus = z.infer<typeof deploymentStatus>;
export type ContainerStatus = z.infer<typeof containerStatus>;
export type PeerStatus = z.infer<typeof peerStatus>;
