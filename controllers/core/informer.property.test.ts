import fc from 'fast-check';
import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { Kind } from '../../api/kinds.ts';
import { keyOf } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { deployment } from '../../test/support/objects.ts';
import type { Store, WatchEvent, WatchOptions } from '../ports/store.ts';
import { Informer } from './informer.ts';

const RESYNC_MS = 600_000;

const change = fc.oneof(
  fc.record({ op: fc.constant('write' as const), name: fc.constantFrom('a', 'b', 'c'), replicas: fc.nat(5) }),
  fc.record({ op: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ op: fc.constant('advance' as const), ms: fc.nat(60_000) }),
);

/** What happens to the events of a watch, one after the other; then they pass. */
const fault = fc.constantFrom('pass', 'pass', 'drop', 'twice', 'swap', 'break', 'expire', 'end');

describe('Informer, over a Store that loses, repeats and reorders events and breaks off', () => {
  it('agrees with the Store after a resync, and so does whoever listens to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 30 }),
        fc.array(fault, { maxLength: 30 }),
        async (changes, faults) => {
          const left = [...faults];
          const clock = new FakeClock();
          const logger = new FakeLogger();
          const store = new MemoryStore({ clock });
          const stop = new AbortController();
          const informer = new Informer(
            { store: { list: store.list.bind(store), watch: disturb(store, left) }, clock, logger },
            { kind: 'Deployment', resyncMs: RESYNC_MS, random: () => 0.5 },
          );
          const copy = new Map<string, Deployment>();
          const nameOf = (object: Deployment) => object.metadata.name;
          informer.addHandler({
            onAdd(object) {
              expect(copy.has(nameOf(object))).toBe(false);
              copy.set(nameOf(object), object);
            },
            onUpdate(before, after) {
              expect(copy.get(nameOf(after))).toBe(before);
              copy.set(nameOf(after), after);
            },
            onDelete(object) {
              expect(copy.delete(nameOf(object))).toBe(true);
            },
          });
          const running = informer.start(stop.signal);
          for (const each of changes) {
            if (each.op === 'write') await store.apply(manifest(each.name, each.replicas));
            else if (each.op === 'remove') await store.delete(keyOf(manifest(each.name, 1)));
            else await clock.advance(each.ms);
          }
          left.length = 0;
          await clock.advance(2 * RESYNC_MS);

          const { items } = await store.list('Deployment');
          const byName = (a: Deployment, b: Deployment) => (nameOf(a) < nameOf(b) ? -1 : 1);
          expect(informer.list().sort(byName)).toEqual(items);
          expect([...copy.values()].sort(byName)).toEqual(items);
          stop.abort();
          await running;
          expect(logger.at('error')).toEqual([]);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 100 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1) },
    );
  });
});

function manifest(name: string, replicas: number) {
  const { apiVersion, kind, metadata, spec } = deployment(name, { replicas });
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace }, spec };
}

/** A watch that treats each event as the next of the faults says. */
function disturb(store: MemoryStore, faults: string[]): Store['watch'] {
  return async function* <K extends Kind>(kind: K, options: WatchOptions) {
    let held: WatchEvent<K> | undefined;
    for await (const event of store.watch(kind, options)) {
      const next = faults.shift() ?? 'pass';
      if (next === 'break') throw new StatusError('ServiceUnavailable', 'the peer went away');
      if (next === 'expire') throw new StatusError('Expired', 'too old');
      if (next === 'end') return;
      if (next === 'swap' && !held) {
        held = event;
        continue;
      }
      if (next !== 'drop') yield event;
      if (next === 'twice') yield event;
      if (held) yield held;
      held = undefined;
    }
  };
}
