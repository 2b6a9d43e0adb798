import type { Condition } from '../../../api/meta/condition.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { UsageError } from '../errors.ts';
import { compilePath, toText } from '../printers/jsonpath.ts';
import { shown } from '../printers/structured.ts';

/** What `--for` asks: whether it holds of an object, which is undefined when it is gone. */
export interface Goal {
  text: string;
  holds(object: AnyObject | undefined): boolean;
  /** It can hold only of what has not failed. */
  needsSuccess: boolean;
}

/**
 * `condition=Ready`, `condition=Available=False`, `delete`, `jsonpath={.status.readyReplicas}=2`
 * @throws UsageError
 */
export function parseGoal(text: string): Goal {
  if (text === 'delete') return { text, holds: (object) => object === undefined, needsSuccess: false };
  const [, form, argument = ''] = /^(condition|jsonpath)=(.+)$/s.exec(text) ?? [];
  if (form === 'condition')
    return {
      text,
      holds: conditionGoal(argument),
      needsSuccess: !argument.includes('=') || /=true$/i.test(argument),
    };
  if (form === 'jsonpath') return { text, holds: pathGoal(argument), needsSuccess: false };
  throw new UsageError(
    `--for=${text} is not understood; write condition=Ready, delete or jsonpath=PATH=VALUE`,
  );
}

function conditionGoal(argument: string): Goal['holds'] {
  const [type = '', status = 'True'] = argument.split('=');
  return (object) => {
    const conditions: readonly Condition[] = object?.status?.conditions ?? [];
    const condition = conditions.find((one) => one.type.toLowerCase() === type.toLowerCase());
    if (!object || !condition) return false;
    // A word about an older spec does not answer the question about this one.
    const observed =
      condition.observedGeneration ?? object.status?.observedGeneration ?? object.metadata.generation;
    return observed >= object.metadata.generation && condition.status.toLowerCase() === status.toLowerCase();
  };
}

function pathGoal(argument: string): Goal['holds'] {
  const [, path = argument, value] = /^(\{.*\}|[^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const select = compilePath(path);
  return (object) => {
    const found = object ? select(shown(object)) : [];
    return value === undefined ? found.length > 0 : found.some((one) => toText(one) === value);
  };
}
