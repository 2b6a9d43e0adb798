import type { RuntimeEvent } from '../../controllers/ports/runtime.ts';

export type Call = 'info' | 'list' | 'run' | 'stop' | 'remove' | 'image' | 'pull' | 'probe' | 'prune';

export type Fault =
  /** Rejects and does nothing. */
  | { type: 'Fail'; error: Error }
  /** Does it, and rejects all the same. */
  | { type: 'FailAfter'; error: Error }
  /** Never answers, and does nothing. */
  | { type: 'Hang' }
  /** Only list: shows what there was so many changes ago, but nothing that was over before so many milliseconds. */
  | { type: 'Stale'; changes: number; withinMs: number };

/** What happens to an event: lost, delivered several times, or late by so many milliseconds. */
export type Delivery = 'Lost' | { times?: number; delayMs?: number };

/** What goes wrong. Asked before each call and for each event, with how many of these there were before. */
export interface Faults {
  call?(call: Call, index: number): Fault | undefined;
  event?(event: RuntimeEvent, index: number): Delivery | undefined;
}

/** Calls that change something, as opposed to those that only look. */
export const WRITES: readonly Call[] = ['run', 'stop', 'remove', 'pull'];
