import * as z from 'zod/mini';
import { DNS_SUBDOMAIN } from '../meta/names.ts';
import { matching, object, optional, required, withDefault } from '../meta/schema.ts';
import { access } from './access.ts';
import { dnsLabel, port, shortLabel } from './fields.ts';

export const hostname = matching(
  DNS_SUBDOMAIN,
  'must be a host name such as shop.example.com, in lower case',
).check(
  z.refine((name) => name.includes('.'), 'must have a domain, such as shop.example.com'),
  z.refine(
    (name) => name.split('.').every((label) => label.length <= 63),
    'has a label of over 63 characters',
  ),
);

const PORT = 'must be a container port: its number, or its name';

export const expose = object(() => ({
  port: required(
    z.union([port, shortLabel], PORT),
    'Container port that is served: a number, or the name of one of the ports.',
  ),
  host: optional(
    hostname,
    'Host name, where the gateway grants it to you. Default: <deployment>-<you>.<domain of the gateway>.',
  ),
  gateway: optional(
    dnsLabel,
    'Which gateway of the provider: its TrustedPeer there. Default: every one that it has.',
  ),
  protocol: withDefault(
    z.enum(['HTTP', 'H2C'], { error: 'must be HTTP or H2C' }),
    'HTTP',
    'What the container speaks. H2C: HTTP/2 without TLS, as gRPC needs.',
  ),
  sessionAffinity: optional(
    z.enum(['None', 'Cookie'], { error: 'must be None or Cookie' }),
    'Cookie: a visitor stays with the replica it got first, as long as that is ready, by a cookie of the gateway. Default: None.',
  ),
  access: optional(
    access,
    'Who is let in by the gateway. Default: everybody. With basicAuth and bearer either will do.',
  ),
}));

export type Expose = z.infer<typeof expose>;
