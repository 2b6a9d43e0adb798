import * as z from 'zod';
import { expose, hostname } from './expose.ts';
import { dnsLabel, peerID, port } from './fields.ts';
import { conditions, counter } from './status-fields.ts';

/** An envelope over claims has well under 2 KiB; in base64 a third more. */
const MAX_ENVELOPE = 4096;

export const routeSpec = z.strictObject({
  owner: peerID.describe('Who asked for it: the peer that signed the Deployment.'),
  deployment: z
    .strictObject({
      namespace: dnsLabel.describe('Namespace of the Deployment.'),
      name: dnsLabel.describe('Name of the Deployment.'),
      uid: z.uuid().describe('Uid that its owner gave it.'),
      generation: counter.min(1).describe('Generation that its owner signed.'),
    })
    .describe('What is served.'),
  expose: expose.describe('As the owner signed it.'),
  envelope: z
    .base64()
    .max(MAX_ENVELOPE)
    .describe("The owner's signed claims: they name the provider as their audience, and the hash of expose."),
});

export const routeStatus = z.strictObject({
  observedGeneration: counter.optional().describe('Generation this status is about.'),
  host: hostname.optional().describe('Host name that is served.'),
  url: z.string().max(2048).optional().describe('Public address.'),
  tunnel: z
    .strictObject({
      port: port.describe("Port of the gateway's tunnels."),
      workers: counter.min(1).describe('How many tunnels carry everything: one for each of its processes.'),
    })
    .optional()
    .describe('Where the provider is to dial.'),
  conditions: conditions.optional().describe('Accepted, CertificateReady, Connected, Ready.'),
});

export type RouteSpec = z.infer<typeof routeSpec>;
export type RouteStatus = z.infer<typeof routeStatus>;

export const hostReservationSpec = z.strictObject({
  owner: peerID.describe('Who holds the host name.'),
  deployment: z
    .strictObject({ namespace: dnsLabel, name: dnsLabel })
    .describe('What it was first asked for; replicas on other peers share it.'),
  generated: z.boolean().describe('Whether the gateway chose it.'),
});

export const hostReservationStatus = z.strictObject({ observedGeneration: counter.optional() });

export type HostReservationSpec = z.infer<typeof hostReservationSpec>;
