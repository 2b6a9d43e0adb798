import fc from 'fast-check';
import type { EventSpec } from '../../api/v1alpha1/event.ts';
import { EventLedger, MAX_EVENTS, MAX_EVENTS_PER_OBJECT } from './event-ledger.ts';

function seen(uid: string, time: number, count = 1): EventSpec {
  const timestamp = new Date(time).toISOString();
  return {
    regarding: { kind: 'Deployment', namespace: 'default', name: 'web', uid },
    type: 'Warning',
    reason: 'BackOff',
    note: 'exited 1',
    reportingController: 'deployment',
    count,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
  };
}

describe('EventLedger', () => {
  it('counts what is seen again', () => {
    const ledger = new EventLedger();
    ledger.add('a', seen('u', 1_000));
    ledger.add('a', seen('u', 2_000));
    expect(ledger.get('a')).toEqual({
      ...seen('u', 2_000),
      count: 2,
      firstTimestamp: seen('u', 1_000).firstTimestamp,
    });
  });

  it('lets go of what was seen longest ago', () => {
    const ledger = new EventLedger();
    for (let index = 0; index < MAX_EVENTS_PER_OBJECT; index++) ledger.add(`${index}`, seen('u', index));
    expect(ledger.add('0', seen('u', 100))).toEqual([]);
    expect(ledger.add('new', seen('u', 101))).toEqual(['1']);
  });

  it('goes on from what an earlier run has left', () => {
    const ledger = new EventLedger();
    ledger.add('a', seen('u', 5_000, 2));
    expect(
      ledger.restore([
        ['a', seen('u', 1_000, 3)],
        ['b', seen('u', 2_000)],
      ]),
    ).toEqual([]);
    expect(ledger.get('a')).toMatchObject({ count: 5, firstTimestamp: seen('u', 1_000).firstTimestamp });
    expect(ledger.size).toBe(2);
  });

  it('never holds more than it may, and names everything it lets go of', () => {
    const sighting = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }));
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 2_500, size: 'max' }), (sightings) => {
        const ledger = new EventLedger();
        const held = new Map<string, string>();
        for (const [object, note] of sightings) {
          const key = `${object}/${note}`;
          held.set(key, `${object}`);
          for (const gone of ledger.add(key, seen(`${object}`, 0))) expect(held.delete(gone)).toBe(true);
          expect(ledger.size).toBe(held.size);
        }
        const perObject = Map.groupBy(held.values(), (uid) => uid);
        expect(held.size).toBeLessThanOrEqual(MAX_EVENTS);
        for (const events of perObject.values())
          expect(events.length).toBeLessThanOrEqual(MAX_EVENTS_PER_OBJECT);
      }),
      { numRuns: 20 },
    );
  });
});
