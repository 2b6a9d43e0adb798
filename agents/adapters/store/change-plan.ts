import { deepEqual } from '../../../api/meta/merge-patch.ts';
import type { ApiObject } from '../../../api/meta/object.ts';
import type { Mutation } from './mutations.ts';
import type { State } from './object-writer.ts';
import { storedStatus } from './records.ts';

/** What a request makes of an object; see mutations.ts. Asked again when the object has changed meanwhile. */
export type Decide = (current: ApiObject | undefined) => Mutation | undefined;

export interface ChangeOptions {
  dryRun?: boolean | undefined;
  /** `manifest`: the spec, and whatever is wrong with the files is to be mended. */
  target: 'spec' | 'manifest' | 'status';
}

export interface ChangePlan {
  /** What the caller is answered. */
  mutation: Mutation | undefined;
  /** Whether anything is to be written for it. */
  writes: boolean;
  /** Whether something is to be mended, even if nothing changes. */
  restore: boolean;
}

/** What a request comes to on these files. `isUnwell`: the manifest is missing, or there is a problem. */
export function planChange(
  state: State,
  decide: Decide,
  { target, dryRun }: ChangeOptions,
  isUnwell: boolean,
): ChangePlan {
  const decided = decide(state.object);
  const restore = target === 'manifest' && isUnwell;
  const isNew = decided !== undefined && isNews(decided, state, target);
  if (!decided || (!isNew && !restore)) {
    const unchanged = decided && { operation: 'unchanged' as const, object: state.object ?? decided.object };
    return { mutation: unchanged, writes: false, restore };
  }
  const operation = decided.operation === 'unchanged' ? 'configured' : decided.operation;
  return { mutation: { ...decided, operation }, writes: !dryRun, restore };
}

/** `Parsed` is not stored with a status, so it makes no difference to one. */
function isNews({ operation, object }: Mutation, state: State, target: ChangeOptions['target']): boolean {
  if (target !== 'status' || state.state === 'absent') return operation !== 'unchanged';
  return !deepEqual(storedStatus(object), state.status?.status);
}
