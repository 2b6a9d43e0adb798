import fc from 'fast-check';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { silentLogger } from '../../../../test/support/silent.ts';
import { memoryDirectory } from '../../../../test/support/store-directory.ts';
import { Vault } from '../vault.ts';
import { Budget } from './budget.ts';
import { subjectOf } from './subject.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

let place: Awaited<ReturnType<typeof memoryDirectory>>;
let clock: FakeClock;
let budget: Budget;

async function open(): Promise<Budget> {
  const vault = new Vault({ logger: silentLogger }, place);
  await vault.open();
  const opened = new Budget({ clock, vault });
  await opened.load();
  return opened;
}

const host = (label: number | string, domain = 'example.com') => subjectOf(`${label}.${domain}`, undefined);

beforeEach(async () => {
  place = await memoryDirectory();
  clock = new FakeClock();
  budget = await open();
});

afterEach(() => place.dispose());

describe('the budget', () => {
  it('allows 40 certificates for a registered domain in a week, and says when the next may come', async () => {
    for (let label = 0; label < 40; label++) {
      expect(budget.refusal(host(label), false)).toBeUndefined();
      await budget.reserve(host(label), false);
      await clock.advance(HOUR_MS);
    }
    expect(budget.refusal(host('more'), false)).toEqual({
      until: clock.now() + WEEK_MS - 40 * HOUR_MS,
      why: 'there were 40 certificates for example.com in a week',
    });
    expect(budget.refusal(host('a', 'example.org'), false)).toBeUndefined();
    expect(budget.refusal(host('old'), true)).toBeUndefined();
    await clock.advance(WEEK_MS - 40 * HOUR_MS);
    expect(budget.refusal(host('more'), false)).toBeUndefined();
  });

  it('allows 4 certificates for the same names in a week', async () => {
    for (let count = 0; count < 4; count++) await budget.reserve(host('a'), true);
    expect(budget.refusal(host('a'), true)?.until).toBe(clock.now() + WEEK_MS);
    expect(budget.refusal(host('b'), true)).toBeUndefined();
  });

  it('allows 4 failed validations of a host in an hour', async () => {
    for (let count = 0; count < 4; count++) {
      await budget.reserve(host('a'), false);
      await budget.failed('a.example.com');
      await budget.release(host('a'));
    }
    expect(budget.refusal(host('a'), false)).toEqual({
      until: clock.now() + HOUR_MS,
      why: 'there were 4 failed validations in an hour',
    });
    await clock.advance(HOUR_MS);
    expect(budget.refusal(host('a'), false)).toBeUndefined();
  });

  it('counts a wildcard as the domain that it is validated by', async () => {
    for (let count = 0; count < 4; count++) await budget.failed('example.com');
    expect(budget.refusal(subjectOf('a.example.com', 'example.com'), false)).toBeDefined();
  });

  it('gives back what an order that failed had reserved', async () => {
    for (let count = 0; count < 10; count++) {
      await budget.reserve(host('a'), false);
      await budget.release(host('a'));
    }
    expect(budget.refusal(host('a'), false)).toBeUndefined();
  });

  it('allows 240 orders in three hours, whatever became of them', async () => {
    for (let count = 0; count < 240; count++) {
      await budget.reserve(host('a', `d${count}.org`), false);
      await budget.release(host('a', `d${count}.org`));
    }
    expect(budget.refusal(host('a', 'other.org'), false)?.until).toBe(clock.now() + 3 * HOUR_MS);
  });

  it('never allows more than the CA does, however orders come, and across restarts', async () => {
    const step = fc.record({ minutes: fc.integer({ min: 0, max: 600 }), restart: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        await place.dispose();
        budget = await open();
        const placed: number[] = [];
        for (const [index, { minutes, restart }] of steps.entries()) {
          await clock.advance(minutes * 60_000);
          if (restart) budget = await open();
          if (budget.refusal(host(index), false)) continue;
          await budget.reserve(host(index), false);
          placed.push(clock.now());
        }
        for (const at of placed)
          expect(placed.filter((other) => other <= at && other > at - WEEK_MS).length).toBeLessThanOrEqual(
            40,
          );
      }),
      { numRuns: 10 },
    );
  });
});
