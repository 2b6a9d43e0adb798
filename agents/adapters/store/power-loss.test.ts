import { FakeClock } from '../../../test/support/fake-clock.ts';
import { powerLostAt } from '../../../test/support/store-faults.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import type { Choose } from '../../../test/support/store-power-loss.ts';
import { contents, expectedContents, STEPS } from '../../../test/support/store-scenario.ts';
import { DIRECTORY, openStore, pseudoRandom } from '../../../test/support/store-simulated.ts';
import { SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import type { DirectoryStore } from './directory-store.ts';
import { Layout } from './layout.ts';
import { MemoryStore } from './memory-store.ts';
import { sweep } from './sweep.ts';

/** Crash states looked at per system call, besides the two extremes. */
const SAMPLES = 2 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

/** Nothing unsynced survives, everything does, and some of what lies between. */
function* choices(seed: number): Generator<Choose> {
  yield () => 0;
  yield (count) => count - 1;
  const random = pseudoRandom(seed);
  for (let sample = 0; sample < SAMPLES; sample++) yield random;
}

/** Runs the steps until the power goes; answers how many were acknowledged, and their highest version. */
async function runUntilPowerLoss(store: DirectoryStore): Promise<{ done: number; version: number }> {
  let version = 0;
  for (const [done, step] of STEPS.entries()) {
    try {
      await step.run(store);
      version = Number((await store.list('Deployment')).resourceVersion);
    } catch {
      return { done, version }; // Whatever it says: the power is gone.
    }
  }
  return { done: STEPS.length, version };
}

/** What is there without any object: a torn status is set aside. */
const TO_STAY = /^\/state\/(revision|journal|quarantine\/\w+-status_\S+)$/;

/** An object in two parts: what must survive, and what may be an older one. */
type Parts = [rest: string, status: string];

/** What a store may hold after the steps. */
class Expected {
  readonly #states: readonly string[];

  constructor(states: readonly string[]) {
    this.#states = states;
  }

  after(done: number): string | undefined {
    return this.#states[done];
  }

  /**
   * Whether these contents are those after so many steps, but for statuses: one may be any that the object
   * has had since it was last changed itself.
   */
  allows(found: string, done: number): boolean {
    const objects = partsOf(found);
    const wanted = partsOf(this.#states[done]);
    if (objects.length !== wanted.length) return false;
    return objects.every(([rest, status], index) => {
      if (rest !== wanted[index]?.[0]) return false;
      return this.#statusesOf(rest, done).includes(status);
    });
  }

  #statusesOf(rest: string, done: number): string[] {
    const statuses: string[] = [];
    for (let step = done; step >= 0; step--) {
      const same = partsOf(this.#states[step]).find(([other]) => other === rest);
      if (!same) break;
      statuses.push(same[1]);
    }
    return statuses;
  }
}

function partsOf(contents: string | undefined): Parts[] {
  const objects = JSON.parse(contents ?? '[]') as { status?: unknown }[];
  return objects.map(({ status = null, ...rest }) => [JSON.stringify(rest), JSON.stringify(status)]);
}

describe('a DirectoryStore after a power loss', () => {
  it(
    'S2 holds the state before or after the write under way, wherever the power went',
    async () => {
      const expected = new Expected(await expectedContents(new MemoryStore({ clock: new FakeClock() })));
      let reopened = 0;
      for (let nth = 1, isOver = false; !isOver; nth++) {
        const disk = new SimulatedDisk();
        const { fileSystem, lost } = powerLostAt(disk, nth);
        const { done, version } = await runUntilPowerLoss(openStore(fileSystem));
        isOver = !lost();
        for (const choose of choices(nth)) {
          const survivor = disk.afterPowerLoss(choose);
          const store = openStore(survivor, 2);
          const found = await contents(store);
          const where = `change ${nth}, in step ${STEPS[done]?.name}`;
          if (!expected.allows(found, done) && !expected.allows(found, done + 1))
            expect({ where, found }).toEqual({ where, found: expected.after(done) });
          await goesOn(store, survivor, version, where);
          reopened += 1;
        }
      }
      expect(reopened).toBeGreaterThan(1000);
    },
    60_000 * SAMPLES,
  );
});

async function goesOn(
  store: DirectoryStore,
  disk: SimulatedDisk,
  version: number,
  where: string,
): Promise<void> {
  const { object } = await store.apply(web('next'));
  if (!(Number(object.metadata.resourceVersion) > version))
    throw new Error(`${where}: version went backwards`);
  const { items } = await store.list('Deployment');
  for (const { metadata, status } of items) {
    if (status?.conditions) throw new Error(`${where}: ${JSON.stringify(status)}`);
    await store.delete(webKey(metadata.name));
    if (metadata.finalizers) await store.patch(webKey(metadata.name), { metadata: { finalizers: [] } });
  }
  if ((await store.list('Deployment')).items.length > 0)
    throw new Error(`${where}: something cannot be deleted`);
  disk.advance(61_000);
  sweep(disk, new Layout({ directory: DIRECTORY }), 'Deployment');
  const left = [...disk.files().keys()].filter((path) => !TO_STAY.test(path));
  if (left.length > 0) throw new Error(`${where}: ${left.join(', ')} left over`);
  const again = [await store.apply(web('db')), await store.apply(web('web'))];
  if (again.some(({ object }) => object.status)) throw new Error(`${where}: a status came back`);
  for (const { object } of again) await store.delete(webKey(object.metadata.name));
}
