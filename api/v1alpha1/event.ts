import * as z from 'zod/mini';
import { object, optional, required } from '../meta/schema.ts';
import { timestamp } from './fields.ts';
import { counter, sentence, word } from './status-fields.ts';

const regarding = object(() => ({ kind: word, namespace: z.optional(word), name: word, uid: word }));

export const eventSpec = object(() => ({
  regarding: required(regarding, 'The object this is about.'),
  type: required(z.enum(['Normal', 'Warning']), 'Warning: someone may have to act.'),
  reason: required(word, 'One word for programs.'),
  note: required(sentence, 'What happened, for people.'),
  reportingController: required(word, 'Which loop saw it.'),
  peer: optional(word, 'TrustedPeer it was reported by.'),
  count: required(counter, 'How often it was seen.'),
  firstTimestamp: required(timestamp, 'When it was first seen.'),
  lastTimestamp: required(timestamp, 'When it was last seen.'),
}));

export const eventStatus = object(() => ({ observedGeneration: z.optional(counter) }));

export type EventSpec = z.infer<typeof eventSpec>;
