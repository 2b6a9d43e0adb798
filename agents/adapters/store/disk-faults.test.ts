import { isStatusError } from '../../../api/meta/status-error.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { type Fault, POSSIBLE, withFaults } from '../../../test/support/store-faults.ts';
import { contents, expectedContents, STEPS } from '../../../test/support/store-scenario.ts';
import { openStore } from '../../../test/support/store-simulated.ts';
import { failure, SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import type { DirectoryStore } from './directory-store.ts';
import { MemoryStore } from './memory-store.ts';

/** How a run ended: in error after so many acknowledged steps, or not at all. */
interface Run {
  done: number;
  error?: unknown;
  /** Whether the run was long enough for the fault to happen. */
  hit: boolean;
}

async function runSteps(store: DirectoryStore, from: number): Promise<Omit<Run, 'hit'>> {
  for (let done = from; done < STEPS.length; done++) {
    try {
      await STEPS[done]?.run(store);
    } catch (error) {
      return { done, error };
    }
  }
  return { done: STEPS.length };
}

/** The nth call fails, if it is one that can fail so. */
function nthFails(code: string, nth: number): { fault: Fault; wasHit(): boolean; isPast(): boolean } {
  let [hit, past] = [false, false];
  let shortened = false;
  const fault: Fault = (call, count) => {
    past ||= count >= nth;
    if (code === 'short' && shortened && call === 'write') {
      shortened = false;
      return failure('ENOSPC', 'write');
    }
    if (count !== nth || !(code === 'short' ? call === 'write' : POSSIBLE[code]?.includes(call)))
      return undefined;
    hit = true;
    shortened = code === 'short';
    return shortened ? 'short' : failure(code, call);
  };
  return { fault, wasHit: () => hit, isPast: () => past };
}

describe.each(['EIO', 'ENOSPC', 'EMFILE', 'short'])(
  'a DirectoryStore where the nth system call fails with %s',
  (code) => {
    it('S3 reports it, keeps what it had, and goes on when it clears, for every n', async () => {
      const expected = await expectedContents(new MemoryStore({ clock: new FakeClock() }));
      let hits = 0;
      for (let nth = 1; ; nth++) {
        const disk = new SimulatedDisk();
        const { fault, wasHit, isPast } = nthFails(code, nth);
        const logger = new FakeLogger();
        const store = openStore(withFaults(disk, fault), 1, logger);
        const first = await runSteps(store, 0);
        if (!isPast()) break;
        if (!wasHit()) continue;
        hits += 1;
        const where = `${code} at call ${nth}, in step ${STEPS[first.done]?.name}`;
        if (first.error) checkReport(first.error, where);
        const kept = await contents(openStore(disk));
        if (![expected[first.done], expected[first.done + 1]].includes(kept))
          expect({ where, kept }).toEqual({ where, kept: expected[first.done] });
        const isDone = kept === expected[first.done + 1] && first.error !== undefined;
        const second = await runSteps(store, first.done + (isDone ? 1 : 0));
        if (second.error) throw new Error(`${where}: did not recover: ${second.error}`);
        expect({ where, end: await contents(store) }).toEqual({ where, end: expected.at(-1) });
        checkTidy(disk, where);
      }
      expect(hits).toBeGreaterThan(20);
    }, 60_000);
  },
);

function checkReport(error: unknown, where: string): void {
  const reported = isStatusError(error, 'ServiceUnavailable') || isStatusError(error, 'InternalError');
  if (!reported || !/^\/\S*: \w+ failed with (EIO|ENOSPC|EMFILE): \w+/.test((error as Error).message))
    throw new Error(`${where}: reported as ${error}`);
}

function checkTidy(disk: SimulatedDisk, where: string): void {
  const odd = [...disk.files().keys()].filter(
    (path) => !/\/(revision|journal|web\.yaml|web\.json)$/.test(path),
  );
  if (odd.length > 0) throw new Error(`${where}: left over ${odd.join(', ')}`);
  if (disk.descriptors > 0) throw new Error(`${where}: ${disk.descriptors} descriptors left open`);
}
