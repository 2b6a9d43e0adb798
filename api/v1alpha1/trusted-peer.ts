import * as z from 'zod';
import { checkImagePattern } from '../meta/image-reference.ts';
import { hostname } from './expose.ts';
import { capability, count, cpuQuantity, memoryQuantity, peerID, timestamp } from './fields.ts';
import { conditions, counter, word } from './status-fields.ts';

const multiaddr = z
  .string()
  .max(512)
  .regex(
    /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)\/[^/\s]+\/tcp\/\d{1,5}(\/[^\s]*)?$/,
    'must be a multiaddr such as /ip4/192.168.1.100/tcp/9000',
  );

const imagePattern = z
  .string()
  .max(512)
  .superRefine((pattern, context) => {
    try {
      checkImagePattern(pattern);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as RangeError).message });
    }
  });

const deployGrant = z.strictObject({
  maxDeployments: count.default(10).describe('Deployments it may hold at a time.'),
  maxReplicas: count.default(20).describe('Replicas over all its Deployments.'),
  resources: z
    .strictObject({
      cpu: cpuQuantity.default('1').describe('Cores.'),
      memory: memoryQuantity.default('1Gi').describe('Bytes.'),
    })
    .prefault({})
    .describe('What the limits of all its containers may add up to.'),
  images: z
    .array(imagePattern)
    .max(256)
    .default(['*'])
    .describe('Images it may run: docker.io/library/*, ghcr.io/alice/*, or * for any.'),
  capabilities: z
    .array(capability)
    .max(64)
    .default([])
    .describe('Capabilities it may add beyond the baseline.'),
});

const hostPattern = z
  .string()
  .max(255)
  .refine(
    (pattern) => hostname.safeParse(pattern.replace(/^\*\./, '')).success,
    'must be a host name such as shop.example.com, or *.example.com for every name one below',
  );

const exposeGrant = z.strictObject({
  hosts: z
    .array(hostPattern)
    .max(256)
    .default([])
    .describe('Host names that its own Deployments may ask for, beside those that the gateway generates.'),
  maxRoutes: count.default(100).describe('Routes that it may carry at a time.'),
});

const grants = z.strictObject({
  deploy: deployGrant.optional().describe('May run containers here, within these bounds.'),
  expose: exposeGrant
    .optional()
    .describe('On a gateway: may carry Routes to what it runs, and may ask for these host names.'),
  relay: z.boolean().default(false).describe('On a gateway: may be reached through it.'),
  logs: z.boolean().default(false).describe('May read the logs of its own containers.'),
});

export const trustedPeerSpec = z.strictObject({
  peerID: peerID.describe('Who it is: the public key that its connections must prove.'),
  addresses: z.array(multiaddr).max(16).default([]).describe('Where we may dial it. Empty: it dials us.'),
  expiresAt: timestamp.optional().describe('When trust ends by itself.'),
  grants: grants.prefault({}).describe('What this peer may do here. Nothing unless written.'),
});

const amounts = z.strictObject({
  deployments: counter.describe('Deployments.'),
  replicas: counter.describe('Replicas.'),
  cpu: z.string().max(40).describe('Cores.'),
  memory: z.string().max(40).describe('Bytes.'),
});

export const trustedPeerStatus = z.strictObject({
  observedGeneration: counter.optional().describe('Generation this status is about.'),
  address: z.string().max(512).optional().describe('Address of the present connection.'),
  roundTripMilliseconds: z.number().min(0).max(1e9).optional().describe('Round trip of the last exchange.'),
  lastSeen: timestamp.optional().describe('When the peer last answered.'),
  platform: word.optional().describe('Operating system and architecture it offers, such as linux/amd64.'),
  agentVersion: word.optional().describe('Version of its program.'),
  granted: grants.optional().describe('What the other side lets us do there.'),
  used: amounts.optional().describe('What we use of that.'),
  usage: amounts.optional().describe('What this peer uses here.'),
  conditions: conditions.optional().describe('Connected, Granted, Expired.'),
});

export type TrustedPeerSpec = z.infer<typeof trustedPeerSpec>;
export type TrustedPeerStatus = z.infer<typeof trustedPeerStatus>;
export type Grants = z.infer<typeof grants>;
export type ExposeGrant = z.infer<typeof exposeGrant>;
export type DeployGrant = z.infer<typeof deployGrant>;
export type Amounts = z.infer<typeof amounts>;
