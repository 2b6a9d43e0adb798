import * as z from 'zod';
import { dnsLabel, port } from './fields.ts';

const portReference = z.union([port, dnsLabel.max(15)], {
  error: 'must be a port number or the name of one of ports',
});

/** Header names and values go into a request verbatim: a line break would begin another header. */
const headerText = z
  .string()
  .max(4096)
  .regex(/^[\t\x20-\x7e\x80-\uffff]*$/, 'must not contain control characters');

const httpGet = z.strictObject({
  path: z
    .string()
    .max(2048)
    .regex(/^\/[\x21-\x7e]*$/, 'must begin with "/" and hold no spaces')
    .default('/')
    .describe('Path to request.'),
  port: portReference.describe('Number or name of a container port.'),
  scheme: z
    .enum(['HTTP', 'HTTPS'])
    .default('HTTP')
    .describe('HTTPS does not check the certificate, as in Kubernetes.'),
  httpHeaders: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/, 'must be a header name'),
        value: headerText,
      }),
    )
    .max(32)
    .optional()
    .describe('Headers to send.'),
});

const seconds = z
  .int({ error: 'must be a whole number of seconds' })
  .max(86_400, 'must be at most a day (86400)');
const threshold = z
  .int({ error: 'must be a whole number' })
  .min(1, 'must be at least 1')
  .max(1000, 'must be at most 1000');

export const probe = z
  .strictObject({
    httpGet: httpGet.optional().describe('Succeeds on a status from 200 to 399.'),
    tcpSocket: z
      .strictObject({ port: portReference })
      .optional()
      .describe('Succeeds when the port accepts a connection.'),
    exec: z
      .strictObject({ command: z.array(z.string().max(32_768)).min(1, 'must name a command').max(256) })
      .optional()
      .describe('Succeeds when the command exits 0.'),
    initialDelaySeconds: seconds
      .min(0, 'must not be negative')
      .default(0)
      .describe('Seconds after the start before the first probe.'),
    periodSeconds: seconds.min(1, 'must be at least 1').default(10).describe('Seconds between probes.'),
    timeoutSeconds: seconds
      .min(1, 'must be at least 1')
      .default(1)
      .describe('Seconds until an answer is overdue.'),
    successThreshold: threshold.default(1).describe('Successes in a row that count as success.'),
    failureThreshold: threshold.default(3).describe('Failures in a row that count as failure.'),
  })
  .superRefine((value, context) => {
    const given = [value.httpGet, value.tcpSocket, value.exec].filter((handler) => handler !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: 'must have exactly one of httpGet, tcpSocket and exec' });
  });

export type Probe = z.infer<typeof probe>;
