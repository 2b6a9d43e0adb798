import * as z from 'zod';
import { timestamp } from './fields.ts';

/**
 * Field types of statuses. A status comes from another machine: every text is bounded, and what a
 * person did not choose may hold any printable character. Escaping is the terminal printer's work.
 */
export const word = z.string().max(253);
export const sentence = z.string().max(4096);
export const counter = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const condition = z.strictObject({
  type: word.describe('What is observed, such as Ready.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('True, False or Unknown.'),
  reason: word.describe('One word for programs.'),
  message: sentence.describe('A sentence for people.'),
  lastTransitionTime: timestamp.describe('When status last changed.'),
  observedGeneration: counter.optional().describe('Generation of the spec that this is about.'),
});

export const conditions = z.array(condition).max(32);
