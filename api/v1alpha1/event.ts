import * as z from 'zod';
import { timestamp } from './fields.ts';
import { counter, sentence, word } from './status-fields.ts';

export const eventSpec = z.strictObject({
  regarding: z
    .strictObject({ kind: word, namespace: word.optional(), name: word, uid: word })
    .describe('The object this is about.'),
  type: z.enum(['Normal', 'Warning']).describe('Warning: someone may have to act.'),
  reason: word.describe('One word for programs.'),
  note: sentence.describe('What happened, for people.'),
  reportingController: word.describe('Which loop saw it.'),
  peer: word.optional().describe('TrustedPeer it was reported by.'),
  count: counter.describe('How often it was seen.'),
  firstTimestamp: timestamp.describe('When it was first seen.'),
  lastTimestamp: timestamp.describe('When it was last seen.'),
});

export const eventStatus = z.strictObject({ observedGeneration: counter.optional() });

export type EventSpec = z.infer<typeof eventSpec>;
