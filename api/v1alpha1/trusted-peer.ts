import * as z from 'zod/mini';
import { checkImagePattern } from '../meta/image-reference.ts';
import { object, optional, required, withDefault, withDefaults } from '../meta/schema.ts';
import { hostname } from './expose.ts';
import { capability, count, cpuQuantity, memoryQuantity, peerID, problem, timestamp } from './fields.ts';
import { conditions, counter, word } from './status-fields.ts';

const multiaddr = z
  .string()
  .check(
    z.maxLength(512),
    z.regex(
      /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)\/[^/\s]+\/tcp\/\d{1,5}(\/[^\s]*)?$/,
      'must be a multiaddr such as /ip4/192.168.1.100/tcp/9000',
    ),
  );

const imagePattern = z.string().check(
  z.maxLength(512),
  problem((pattern) => void checkImagePattern(pattern)),
);

const budget = object(() => ({
  cpu: withDefault(cpuQuantity, '1', 'Cores.'),
  memory: withDefault(memoryQuantity, '1Gi', 'Bytes.'),
}));

const deployGrant = object(() => ({
  maxDeployments: withDefault(count, 10, 'Deployments it may hold at a time.'),
  maxReplicas: withDefault(count, 20, 'Replicas over all its Deployments.'),
  resources: withDefaults(budget, {}, 'What the limits of all its containers may add up to.'),
  images: withDefault(
    z.array(imagePattern).check(z.maxLength(256)),
    ['*'],
    'Images it may run: docker.io/library/*, ghcr.io/alice/*, or * for any.',
  ),
  capabilities: withDefault(
    z.array(capability).check(z.maxLength(64)),
    [],
    'Capabilities it may add beyond the baseline.',
  ),
}));

const hostPattern = z.string().check(
  z.maxLength(255),
  z.refine(
    (pattern) => hostname.safeParse(pattern.replace(/^\*\./, '')).success,
    'must be a host name such as shop.example.com, or *.example.com for every name one below',
  ),
);

const exposeGrant = object(() => ({
  hosts: withDefault(
    z.array(hostPattern).check(z.maxLength(256)),
    [],
    'Host names that its own Deployments may ask for, beside those that the gateway generates.',
  ),
  maxRoutes: withDefault(count, 100, 'Routes that it may carry at a time.'),
}));

const grants = object(() => ({
  deploy: optional(deployGrant, 'May run containers here, within these bounds.'),
  expose: optional(
    exposeGrant,
    'On a gateway: may carry Routes to what it runs, and may ask for these host names.',
  ),
  relay: withDefault(z.boolean(), false, 'On a gateway: may be reached through it.'),
  logs: withDefault(z.boolean(), false, 'May read the logs of its own containers.'),
}));

export const trustedPeerSpec = object(() => ({
  peerID: required(peerID, 'Who it is: the public key that its connections must prove.'),
  addresses: withDefault(
    z.array(multiaddr).check(z.maxLength(16)),
    [],
    'Where we may dial it. Empty: it dials us.',
  ),
  expiresAt: optional(timestamp, 'When trust ends by itself.'),
  grants: withDefaults(grants, {}, 'What this peer may do here. Nothing unless written.'),
}));

const quantityShown = z.string().check(z.maxLength(40));

const amounts = object(() => ({
  deployments: required(counter, 'Deployments.'),
  replicas: required(counter, 'Replicas.'),
  cpu: required(quantityShown, 'Cores.'),
  memory: required(quantityShown, 'Bytes.'),
}));

export const trustedPeerStatus = object(() => ({
  observedGeneration: optional(counter, 'Generation this status is about.'),
  address: optional(z.string().check(z.maxLength(512)), 'Address of the present connection.'),
  roundTripMilliseconds: optional(
    z.number().check(z.minimum(0), z.maximum(1e9)),
    'Round trip of the last exchange.',
  ),
  lastSeen: optional(timestamp, 'When the peer last answered.'),
  platform: optional(word, 'Operating system and architecture it offers, such as linux/amd64.'),
  agentVersion: optional(word, 'Version of its program.'),
  granted: optional(grants, 'What the other side lets us do there.'),
  used: optional(amounts, 'What we use of that.'),
  usage: optional(amounts, 'What this peer uses here.'),
  conditions: optional(conditions, 'Connected, Granted, Expired.'),
}));

export type TrustedPeerSpec = z.infer<typeof trustedPeerSpec>;
export type TrustedPeerStatus = z.infer<typeof trustedPeerStatus>;
export type Grants = z.infer<typeof grants>;
export type ExposeGrant = z.infer<typeof exposeGrant>;
export type DeployGrant = z.infer<typeof deployGrant>;
export type Amounts = z.infer<typeof amounts>;
