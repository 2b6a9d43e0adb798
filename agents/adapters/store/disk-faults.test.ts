import { isStatusError } from '../../../api/meta/status-error.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { type Fault, POSSIBLE, withFaults } from '../../../test/support/store-faults.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { contents, expectedContents, STEPS, type Step } from '../../../test/support/store-scenario.ts';
import { DIRECTORY, openStore } from '../../../test/support/store-simulated.ts';
import { failure, SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import { Layout } from './layout.ts';
import { MemoryStore } from './memory-store.ts';
import { sweep } from './sweep.ts';

interface Trial {
  fault: Fault;
  /** The disk is in order again. Answers whether anything had failed, and whether there was an nth call. */
  end(): { hit: boolean; reached: boolean };
}

/** The nth call fails, if it is one that can fail so; a write is cut short before the disk is full. */
function nthFails(code: string, nth: number): Trial {
  let [hit, reached, shortened, ended] = [false, false, false, false];
  const fault: Fault = (call, count) => {
    if (ended) return undefined;
    reached ||= count >= nth;
    if (shortened && call === 'write') {
      shortened = false;
      return failure('ENOSPC', 'write');
    }
    if (count !== nth || !POSSIBLE[code]?.includes(call)) return undefined;
    hit = true;
    shortened = code === 'short';
    return shortened ? 'short' : failure(code, call);
  };
  const end = () => {
    ended = true;
    return { hit, reached };
  };
  return { fault, end };
}

/** The disk before each step. */
async function disksBeforeSteps(): Promise<SimulatedDisk[]> {
  const disks = [new SimulatedDisk()];
  for (const step of STEPS) {
    const disk = copy(disks.at(-1) as SimulatedDisk);
    await step.run(openStore(disk));
    disks.push(disk);
  }
  return disks;
}

/** A power loss that nothing falls to. */
function copy(disk: SimulatedDisk): SimulatedDisk {
  return disk.afterPowerLoss((count) => count - 1);
}

describe.each(['EIO', 'ENOSPC', 'EMFILE', 'short'])(
  'a DirectoryStore where the nth system call fails (%s)',
  (code) => {
    it('S3 reports it, keeps what it had and goes on when it clears, for every n of every write', async () => {
      const expected = await expectedContents(new MemoryStore({ clock: new FakeClock() }));
      const disks = await disksBeforeSteps();
      let hits = 0;
      for (const [index, step] of STEPS.entries())
        for (let nth = 1, isOver = false; !isOver; nth++) {
          const trial = nthFails(code, nth);
          const disk = copy(disks[index] as SimulatedDisk);
          const where = `${code} at call ${nth} of "${step.name}"`;
          await attempt(step, disk, trial, expected.slice(index, index + 2), where);
          const { hit, reached } = trial.end();
          isOver = !reached;
          hits += hit ? 1 : 0;
        }
      expect(hits).toBeGreaterThan(STEPS.length);
    }, 120_000);
  },
);

async function attempt(
  step: Step,
  disk: SimulatedDisk,
  trial: Trial,
  [before, after]: string[],
  where: string,
): Promise<void> {
  const store = openStore(withFaults(disk, trial.fault));
  const error = await step.run(store).then(
    () => undefined,
    (failed: unknown) => failed,
  );
  trial.end();
  if (error) checkReport(error, where);
  const kept = await contents(openStore(disk));
  if (kept !== after && !(error && kept === before)) expect({ where, kept }).toEqual({ where, kept: before });
  if (kept === before) await step.run(store);
  expect({ where, end: await contents(store) }).toEqual({ where, end: after });
  await store.apply(web('last'));
  await store.delete(webKey('last'));
  checkTidy(disk, where);
}

function checkReport(error: unknown, where: string): void {
  const reported = isStatusError(error, 'ServiceUnavailable') || isStatusError(error, 'InternalError');
  if (!reported || !/^\/\S*: \w+ failed with (EIO|ENOSPC|EMFILE): \w+/.test((error as Error).message))
    throw new Error(`${where}: reported as ${error}`);
}

/** What could not be removed at once is swept later. */
function checkTidy(disk: SimulatedDisk, where: string): void {
  disk.advance(61_000);
  sweep(disk, new Layout({ directory: DIRECTORY }), 'Deployment');
  const files = [...disk.files().keys()];
  const odd = files.filter((path) => !/\/(revision|journal|(web|db)\.(yaml|json))$/.test(path));
  if (odd.length > 0) throw new Error(`${where}: left over ${odd.join(', ')}`);
  if (disk.descriptors > 0) throw new Error(`${where}: ${disk.descriptors} descriptors left open`);
}
