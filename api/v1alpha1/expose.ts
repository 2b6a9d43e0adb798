import * as z from 'zod';
import { DNS_SUBDOMAIN } from '../meta/names.ts';
import { dnsLabel, port } from './fields.ts';

export const hostname = z
  .string()
  .regex(DNS_SUBDOMAIN, 'must be a host name such as shop.example.com, in lower case')
  .refine((name) => name.includes('.'), 'must have a domain, such as shop.example.com')
  .refine(
    (name) => name.split('.').every((label) => label.length <= 63),
    'has a label of over 63 characters',
  );

const PORT = 'must be a container port: its number, or its name';

export const expose = z.strictObject({
  port: z
    .union([port, dnsLabel.max(15)], PORT)
    .describe('Container port that is served: a number, or the name of one of the ports.'),
  host: hostname
    .optional()
    .describe(
      'Host name, where the gateway grants it to you. Default: <deployment>-<you>.<domain of the gateway>.',
    ),
  gateway: dnsLabel
    .optional()
    .describe('Which gateway of the provider: its TrustedPeer there. Default: every one that it has.'),
  protocol: z
    .enum(['HTTP', 'H2C'], { error: 'must be HTTP or H2C' })
    .default('HTTP')
    .describe('What the container speaks. H2C: HTTP/2 without TLS, as gRPC needs.'),
});

export type Expose = z.infer<typeof expose>;
