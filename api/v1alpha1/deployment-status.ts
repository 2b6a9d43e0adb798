import * as z from 'zod/mini';
import { object, optional, required, withDefault } from '../meta/schema.ts';
import { port, timestamp } from './fields.ts';
import { conditions, counter, sentence, word } from './status-fields.ts';

const imageShown = z.string().check(z.maxLength(600));

const publishedPort = object(() => ({
  containerPort: required(port, 'Port in the container.'),
  protocol: required(z.enum(['TCP', 'UDP']), 'Transport protocol.'),
  hostPort: required(port, "Port on the provider's 127.0.0.1."),
}));

const containerStatus = object(() => ({
  name: required(word, '<deployment>-<ordinal>; unique on its peer.'),
  peer: optional(word, 'TrustedPeer that runs it.'),
  ordinal: required(counter, 'Position among the replicas of its peer.'),
  state: required(z.enum(['Waiting', 'Running', 'Terminated']), 'What the container does.'),
  ready: required(z.boolean(), 'Whether its startup and readiness probes pass.'),
  updated: required(z.boolean(), 'Whether it runs the current template.'),
  restarts: required(counter, 'How often it was started again.'),
  reason: optional(word, 'Why it waits or ended, such as CrashLoop or OOMKilled.'),
  message: optional(sentence, 'The same for people.'),
  exitCode: optional(z.int(), 'Exit code of the last run.'),
  startedAt: optional(timestamp, 'When the current or last run began.'),
  ports: optional(z.array(publishedPort).check(z.maxLength(64)), 'Where its ports are published.'),
  image: optional(imageShown, 'Image it runs, by digest where the registry gave one.'),
}));

const counts = () => ({
  replicas: withDefault(counter, 0, 'Containers that exist.'),
  updatedReplicas: withDefault(counter, 0, 'Of these, how many run the current template.'),
  readyReplicas: withDefault(counter, 0, 'How many are ready.'),
  availableReplicas: withDefault(counter, 0, 'How many have been ready for minReadySeconds.'),
});

const peerStatus = object(() => ({
  name: required(word, 'TrustedPeer.'),
  ...counts(),
  desiredReplicas: withDefault(counter, 0, 'Replicas this peer is asked to run.'),
  observedGeneration: optional(counter, 'Our generation that the peer has acted on.'),
  deliveredGeneration: optional(counter, 'Our generation that the peer has accepted.'),
  lastContact: optional(timestamp, 'When the peer last answered.'),
  conditions: optional(conditions, 'Synced, Admitted, Available, ... as they are on this peer.'),
}));

const pull = object(() => ({
  image: imageShown,
  current: required(counter, 'Bytes.'),
  total: required(counter, 'Bytes; 0 while unknown.'),
}));

export const deploymentStatus = object(() => ({
  observedGeneration: optional(counter, 'Generation this status is about.'),
  ...counts(),
  revision: optional(word, 'Hash of the current template.'),
  lastProgressTime: optional(
    timestamp,
    'When the current update last moved; progressDeadlineSeconds counts from here.',
  ),
  url: optional(z.string().check(z.maxLength(2048)), 'Public address.'),
  pull: optional(pull, 'Progress of an image pull under way.'),
  peers: optional(
    z.array(peerStatus).check(z.maxLength(100)),
    'The same per peer; only on the side that placed the Deployment.',
  ),
  containers: optional(z.array(containerStatus).check(z.maxLength(2000)), 'Every container.'),
  conditions: optional(conditions, 'Ready sums up Available, Progressing, Synced, Admitted and Stalled.'),
}));

export type DeploymentStatus = z.infer<typeof deploymentStatus>;
export type ContainerStatus = z.infer<typeof containerStatus>;
export type PeerStatus = z.infer<typeof peerStatus>;
