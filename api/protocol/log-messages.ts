import * as z from 'zod';
import { dnsLabel } from '../v1alpha1/fields.ts';
import { word } from '../v1alpha1/status-fields.ts';
import { MAX_LOG_CONTAINERS, MAX_LOG_LINE_LENGTH } from './limits.ts';
import { failure } from './messages.ts';

/**
 * The log protocol: one signed request for a Deployment, then frames of plain JSON. Noise proves where
 * the frames come from; lines are data and decide nothing, so they are not signed one by one.
 */

/** Nanoseconds since the epoch, as text: they exceed 2^53. */
const nanoseconds = z.string().regex(/^\d{1,20}$/);

export const logRequest = z.strictObject({
  replica: dnsLabel.optional().describe('One container, by its name; default: the first.'),
  all: z.boolean().optional().describe('Every replica.'),
  previous: z.boolean().optional().describe('The run before the present one.'),
  follow: z.boolean().optional().describe('Stay for what is still to come.'),
  tail: z.int().min(0).max(1_000_000).optional().describe('Last so many lines of each container.'),
  since: nanoseconds.optional().describe('Nothing before this time.'),
  resume: z
    .record(word, nanoseconds)
    .refine(
      (cursors) => Object.keys(cursors).length <= MAX_LOG_CONTAINERS,
      `must name at most ${MAX_LOG_CONTAINERS} containers`,
    )
    .optional()
    .describe('After a drop: per container, where to begin instead of `since` and `tail`.'),
});

const logLine = z.strictObject({
  container: word.describe('Name of the container, as in the status of the Deployment.'),
  stream: z.enum(['stdout', 'stderr']),
  timestamp: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/)
    .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time that exists')
    .describe('RFC 3339 in UTC, to the nanosecond.'),
  text: z.string().max(MAX_LOG_LINE_LENGTH),
});

export const logFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('lines'), lines: z.array(logLine) }),
  z.strictObject({ type: z.literal('error'), error: failure }),
]);

export type LogRequest = z.infer<typeof logRequest>;

/** Which logs of which Deployment. */
export interface LogQuery extends LogRequest {
  namespace: string;
  name: string;
}

export type RemoteLogLine = z.infer<typeof logLine>;
export type LogFrame = z.infer<typeof logFrame>;
