import * as z from 'zod/mini';
import { matching, object, optional, required } from '../meta/schema.ts';
import { dnsLabel } from '../v1alpha1/fields.ts';
import { word } from '../v1alpha1/status-fields.ts';
import { MAX_LOG_CONTAINERS, MAX_LOG_LINE_LENGTH } from './limits.ts';
import { failure } from './messages.ts';

/**
 * The log protocol: one signed request for a Deployment, then frames of plain JSON. Noise proves where
 * the frames come from; lines are data and decide nothing, so they are not signed one by one.
 */

/** Nanoseconds since the epoch, as text: they exceed 2^53. */
const nanoseconds = matching(/^\d{1,20}$/);

const cursors = z
  .record(word, nanoseconds)
  .check(
    z.refine(
      (all) => Object.keys(all).length <= MAX_LOG_CONTAINERS,
      `must name at most ${MAX_LOG_CONTAINERS} containers`,
    ),
  );

const lineCount = z.int().check(z.minimum(0), z.maximum(1_000_000));

export const logRequest = object(() => ({
  replica: optional(dnsLabel, 'One container, by its name; default: the first.'),
  all: optional(z.boolean(), 'Every replica.'),
  previous: optional(z.boolean(), 'The run before the present one.'),
  follow: optional(z.boolean(), 'Stay for what is still to come.'),
  tail: optional(lineCount, 'Last so many lines of each container.'),
  since: optional(nanoseconds, 'Nothing before this time.'),
  resume: optional(cursors, 'After a drop: per container, where to begin instead of `since` and `tail`.'),
}));

const lineTime = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/).check(
  z.refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time that exists'),
);

const logLine = object(() => ({
  container: required(word, 'Name of the container, as in the status of the Deployment.'),
  stream: z.enum(['stdout', 'stderr']),
  timestamp: required(lineTime, 'RFC 3339 in UTC, to the nanosecond.'),
  text: z.string().check(z.maxLength(MAX_LOG_LINE_LENGTH)),
}));

export const logFrame = z.discriminatedUnion('type', [
  object(() => ({ type: z.literal('lines'), lines: z.array(logLine) })),
  object(() => ({ type: z.literal('error'), error: failure })),
]);

export type LogRequest = z.infer<typeof logRequest>;

/** Which logs of which Deployment. */
export interface LogQuery extends LogRequest {
  namespace: string;
  name: string;
}

export type RemoteLogLine = z.infer<typeof logLine>;
export type LogFrame = z.infer<typeof logFrame>;
