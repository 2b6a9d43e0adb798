import * as z from 'zod/mini';
import { object, optional, required } from '../meta/schema.ts';
import { timestamp } from './fields.ts';

/**
 * Field types of statuses. A status comes from another machine: every text is bounded, and what a
 * person did not choose may hold any printable character. Escaping is the terminal printer's work.
 */
export const word = z.string().check(z.maxLength(253));
export const sentence = z.string().check(z.maxLength(4096));
export const counter = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));

export const condition = object(() => ({
  type: required(word, 'What is observed, such as Ready.'),
  status: required(z.enum(['True', 'False', 'Unknown']), 'True, False or Unknown.'),
  reason: required(word, 'One word for programs.'),
  message: required(sentence, 'A sentence for people.'),
  lastTransitionTime: required(timestamp, 'When status last changed.'),
  observedGeneration: optional(counter, 'Generation of the spec that this is about.'),
}));

export const conditions = z.array(condition).check(z.maxLength(32));
