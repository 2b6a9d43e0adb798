import * as z from 'zod/mini';
import { object, optional, required } from '../meta/schema.ts';
import { expose, hostname } from './expose.ts';
import { dnsLabel, peerID, port } from './fields.ts';
import { conditions, counter } from './status-fields.ts';

/** An envelope over claims has well under 2 KiB; in base64 a third more. */
const MAX_ENVELOPE = 4096;

const fromOne = counter.check(z.minimum(1));

const source = object(() => ({
  namespace: required(dnsLabel, 'Namespace of the Deployment.'),
  name: required(dnsLabel, 'Name of the Deployment.'),
  uid: required(z.uuid(), 'Uid that its owner gave it.'),
  generation: required(fromOne, 'Generation that its owner signed.'),
}));

export const routeSpec = object(() => ({
  owner: required(peerID, 'Who asked for it: the peer that signed the Deployment.'),
  deployment: required(source, 'What is served.'),
  expose: required(expose, 'As the owner signed it.'),
  envelope: required(
    z.base64().check(z.maxLength(MAX_ENVELOPE)),
    "The owner's signed claims: they name the provider as their audience, and the hash of expose.",
  ),
}));

const tunnel = object(() => ({
  port: required(port, "Port of the gateway's tunnels."),
  workers: required(fromOne, 'How many tunnels carry everything: one for each of its processes.'),
}));

const traffic = object(() => ({
  requests: required(counter, 'Requests that are over.'),
  errors: required(counter, 'Of these, whose container could not be reached or broke off.'),
}));

export const routeStatus = object(() => ({
  observedGeneration: optional(counter, 'Generation this status is about.'),
  host: optional(hostname, 'Host name that is served.'),
  url: optional(z.string().check(z.maxLength(2048)), 'Public address.'),
  tunnel: optional(tunnel, 'Where the provider is to dial.'),
  traffic: optional(
    traffic,
    'What went through the host since the gateway started; at most a minute old when it is written.',
  ),
  conditions: optional(conditions, 'Accepted, CertificateReady, Connected, Ready.'),
}));

export type RouteSpec = z.infer<typeof routeSpec>;
export type RouteStatus = z.infer<typeof routeStatus>;

export const hostReservationSpec = object(() => ({
  owner: required(peerID, 'Who holds the host name.'),
  deployment: required(
    object(() => ({ namespace: dnsLabel, name: dnsLabel })),
    'What it was first asked for; replicas on other peers share it.',
  ),
  generated: required(z.boolean(), 'Whether the gateway chose it.'),
}));

export const hostReservationStatus = object(() => ({ observedGeneration: z.optional(counter) }));

export type HostReservationSpec = z.infer<typeof hostReservationSpec>;
