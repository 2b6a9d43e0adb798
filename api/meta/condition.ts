export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** One observation about an object, as in Kubernetes: `type` is an adjective or past participle. */
export interface Condition {
  type: string;
  status: ConditionStatus;
  /** One word, CamelCase: programs compare it. */
  reason: string;
  /** A sentence for a person, ending with what to do next where there is something to do. */
  message: string;
  /** RFC 3339; moves only when `status` does. */
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** A condition before the clock has been read. */
export type ConditionInput = Omit<Condition, 'lastTransitionTime'>;

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The conditions after `updates`, sorted by type. Types not named keep their place: several
 * controllers write conditions of the same object. Nothing moves when nothing changed.
 */
export function setConditions(
  conditions: readonly Condition[] | undefined,
  updates: readonly ConditionInput[],
  now: Date,
): Condition[] {
  const byType = new Map((conditions ?? []).map((condition) => [condition.type, condition]));
  for (const update of updates) {
    const before = byType.get(update.type);
    const moved = before?.status !== update.status;
    const lastTransitionTime = moved ? now.toISOString() : before.lastTransitionTime;
    byType.set(update.type, { ...update, lastTransitionTime });
  }
  return [...byType.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** The conditions without those of the given types. */
export function dropConditions(
  conditions: readonly Condition[] | undefined,
  types: readonly string[],
): Condition[] {
  return (conditions ?? []).filter((condition) => !types.includes(condition.type));
}
