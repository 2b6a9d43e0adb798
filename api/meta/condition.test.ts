import { findCondition, isTrue, setConditions } from './condition.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: '2/2' } as const;
const [noon, later] = [new Date('2026-01-01T12:00:00Z'), new Date('2026-01-01T13:00:00Z')];

describe('conditions', () => {
  it('move their transition time only when the status does', () => {
    const first = setConditions([], [ready], noon);
    const reworded = setConditions(first, [{ ...ready, message: '3/3' }], later);
    expect(findCondition(reworded, 'Ready')).toMatchObject({
      message: '3/3',
      lastTransitionTime: noon.toISOString(),
    });
    const failed = setConditions(reworded, [{ ...ready, status: 'False' }], later);
    expect(findCondition(failed, 'Ready')?.lastTransitionTime).toBe(later.toISOString());
    expect(isTrue(failed, 'Ready')).toBe(false);
  });

  it('keep those of other controllers, sorted by type', () => {
    const both = setConditions(setConditions([], [ready], noon), [{ ...ready, type: 'Admitted' }], later);
    expect(both.map(({ type }) => type)).toEqual(['Admitted', 'Ready']);
  });
});
