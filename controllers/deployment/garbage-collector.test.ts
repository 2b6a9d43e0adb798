import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { running } from '../../test/envtest/deployment-samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { deployment } from '../../test/support/objects.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import type { RuntimeContainer } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import { GarbageCollector } from './garbage-collector.ts';

interface Situation {
  containers: RuntimeContainer[];
  cached?: Deployment;
  stored?: Deployment;
  away?: boolean;
}

/** What is removed. */
async function collected({ containers, cached, stored, away }: Situation): Promise<string[]> {
  const removed: string[] = [];
  const get = async () => {
    if (away) throw new StatusError('ServiceUnavailable', 'disk is full');
    return stored;
  };
  const collector = new GarbageCollector({
    clock: new FakeClock(),
    logger,
    store: { get: get as Store['get'] },
    deployments: { get: () => cached, synced: Promise.resolve() },
    runtime: { prune: async () => undefined },
    snapshot: { all: async () => containers },
    terminator: { end: (_, { name }) => removed.push(name) },
  });
  await collector.collect();
  return removed;
}

const web = deployment('web', {}, { uid: 'uid' });

test('what belongs to a Deployment stays, whether the cache or only the Store has it', async () => {
  expect(await collected({ containers: [running(0)], cached: web })).toEqual([]);
  expect(await collected({ containers: [running(0)], stored: web })).toEqual([]);
});

test('what belongs to none goes, dead or alive', async () => {
  const containers = [running(0), running(1, { state: 'Exited' })];
  expect(await collected({ containers })).toEqual(['web-0-new-0', 'web-1-new-0']);
});

test('what belongs to an earlier one of that name goes', async () => {
  const later = deployment('web', {}, { uid: 'later' });
  expect(await collected({ containers: [running(0)], cached: later, stored: later })).toEqual([
    'web-0-new-0',
  ]);
});

test('a Store that does not answer costs nobody a container', async () => {
  await expect(collected({ containers: [running(0)], away: true })).rejects.toThrow('disk is full');
});
