import type { AnyObject } from '../../api/v1alpha1/types.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { web, webKey } from './store-objects.ts';

/** One write of a life of objects, with every kind of write in it. */
export interface Step {
  name: string;
  run(store: Store): Promise<unknown>;
}

const UIDS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const;
const HELD = ['test/wait'];

/** Every step moves something, and its outcome is the same each time: uids are given, clocks stand still. */
export const STEPS: readonly Step[] = [
  {
    name: 'create',
    run: (store) =>
      store.apply(
        web('web', {}, { uid: UIDS[0], signature: 'one', finalizers: HELD, lastApplied: { spec: { a: 1 } } }),
      ),
  },
  {
    name: 'change the spec',
    run: (store) =>
      store.apply(web('web', { replicas: 2 }, { signature: 'two', lastApplied: { spec: { a: 2 } } })),
  },
  { name: 'write a status', run: (store) => store.patchStatus(webKey('web'), { replicas: 1 }) },
  {
    name: 'patch spec and labels',
    run: (store) => store.patch(webKey('web'), { metadata: { labels: { a: '1' } }, spec: { replicas: 3 } }),
  },
  { name: 'write another status', run: (store) => store.patchStatus(webKey('web'), { replicas: 2 }) },
  {
    name: 'add a finalizer',
    run: (store) => store.patch(webKey('web'), { metadata: { finalizers: [...HELD, 'test/more'] } }),
  },
  { name: 'create another', run: (store) => store.apply(web('db', {}, { uid: UIDS[1] })) },
  { name: "write the other one's status", run: (store) => store.patchStatus(webKey('db'), { replicas: 7 }) },
  { name: 'delete it', run: (store) => store.delete(webKey('db')) },
  { name: 'begin to delete', run: (store) => store.delete(webKey('web'), { gracePeriodSeconds: 3 }) },
  { name: 'write a last status', run: (store) => store.patchStatus(webKey('web'), { replicas: 0 }) },
  {
    name: 'let it go',
    run: (store) => store.patch(webKey('web'), { metadata: { finalizers: [] } }),
  },
  { name: 'create its successor', run: (store) => store.apply(web('web', {}, { uid: UIDS[1] })) },
];

/** All objects, without the versions that differ from run to run. */
export async function contents(store: Store): Promise<string> {
  return describeObjects((await store.list('Deployment')).items);
}

/** Equal for equal objects, whatever their versions are. */
export function describeObjects(objects: readonly AnyObject[]): string {
  return JSON.stringify(objects.map(withoutVersion));
}

/** The contents before the first step and after each. */
export async function expectedContents(store: Store): Promise<string[]> {
  const states = [await contents(store)];
  for (const step of STEPS) {
    await step.run(store);
    states.push(await contents(store));
  }
  return states;
}

function withoutVersion(object: AnyObject): unknown {
  const { status, ...rest } = object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return sorted({ ...rest, metadata, ...(status && { status }) });
}

/** The order of members tells nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
