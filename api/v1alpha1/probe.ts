import * as z from 'zod/mini';
import { matching, object, optional, required, withDefault } from '../meta/schema.ts';
import { port, shortLabel } from './fields.ts';

const portReference = z.union([port, shortLabel], {
  error: 'must be a port number or the name of one of ports',
});

/** Header names and values go into a request verbatim: a line break would begin another header. */
const headerText = z
  .string()
  .check(z.maxLength(4096), z.regex(/^[\t\x20-\x7e\x80-\uffff]*$/, 'must not contain control characters'));

const path = z
  .string()
  .check(z.maxLength(2048), z.regex(/^\/[\x21-\x7e]*$/, 'must begin with "/" and hold no spaces'));

const header = object(() => ({
  name: matching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/, 'must be a header name'),
  value: headerText,
}));

const httpGet = object(() => ({
  path: withDefault(path, '/', 'Path to request.'),
  port: required(portReference, 'Number or name of a container port.'),
  scheme: withDefault(
    z.enum(['HTTP', 'HTTPS']),
    'HTTP',
    'HTTPS does not check the certificate, as in Kubernetes.',
  ),
  httpHeaders: optional(z.array(header).check(z.maxLength(32)), 'Headers to send.'),
}));

const tcpSocket = object(() => ({ port: portReference }));

const exec = object(() => ({
  command: z
    .array(z.string().check(z.maxLength(32_768)))
    .check(z.minLength(1, 'must name a command'), z.maxLength(256)),
}));

const seconds = z
  .int({ error: 'must be a whole number of seconds' })
  .check(z.maximum(86_400, 'must be at most a day (86400)'));
const secondsFromZero = seconds.check(z.minimum(0, 'must not be negative'));
const secondsFromOne = seconds.check(z.minimum(1, 'must be at least 1'));

const threshold = z
  .int({ error: 'must be a whole number' })
  .check(z.minimum(1, 'must be at least 1'), z.maximum(1000, 'must be at most 1000'));

export const probe = object(
  () => ({
    httpGet: optional(httpGet, 'Succeeds on a status from 200 to 399.'),
    tcpSocket: optional(tcpSocket, 'Succeeds when the port accepts a connection.'),
    exec: optional(exec, 'Succeeds when the command exits 0.'),
    initialDelaySeconds: withDefault(secondsFromZero, 0, 'Seconds after the start before the first probe.'),
    periodSeconds: withDefault(secondsFromOne, 10, 'Seconds between probes.'),
    timeoutSeconds: withDefault(secondsFromOne, 1, 'Seconds until an answer is overdue.'),
    successThreshold: withDefault(threshold, 1, 'Successes in a row that count as success.'),
    failureThreshold: withDefault(threshold, 3, 'Failures in a row that count as failure.'),
  }),
  z.superRefine((value, context) => {
    const given = [value.httpGet, value.tcpSocket, value.exec].filter((handler) => handler !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: 'must have exactly one of httpGet, tcpSocket and exec' });
  }),
);

export type Probe = z.infer<typeof probe>;
