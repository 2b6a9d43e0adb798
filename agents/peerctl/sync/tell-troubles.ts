import { formatKey, keyOf } from '../../../api/meta/object.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { anew } from '../anew.ts';
import type { Context } from '../context.ts';
import { outcomeOf } from '../follow/outcome.ts';

/** Says of each Deployment when something is wrong with it, and when no longer, until the signal ends. */
export async function tellTroubles(context: Context, signal: AbortSignal): Promise<void> {
  const troubles = new Map<string, string>();
  const store = await context.store();
  const tell = (object: Deployment, isGone: boolean) => {
    const key = formatKey(keyOf(object));
    const before = troubles.get(key);
    const now = isGone ? undefined : troubleOf(object);
    if (now === undefined) troubles.delete(key);
    else troubles.set(key, now);
    const name = `deployment/${object.metadata.name}`;
    if (now !== undefined && now !== before) context.warn(`${name}: ${now}`);
    if (before !== undefined && now === undefined && !isGone)
      context.err.line(`${name} is as it should be again`);
  };
  await anew(async () => {
    for await (const event of store.watch('Deployment', { owner: '', signal }))
      if (event.type !== 'BOOKMARK') tell(event.object, event.type === 'DELETED');
  });
}

/** What is under way may still mend itself, and is no news yet. */
function troubleOf(deployment: Deployment): string | undefined {
  const { state, message } = outcomeOf(deployment);
  return state === 'ended' ? message : undefined;
}
