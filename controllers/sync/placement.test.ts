import fc from 'fast-check';
import { deployment } from '../../test/support/objects.ts';
import { copies, leaving } from './placement.ts';

const PEERS = ['alice', 'bob', 'carol', 'dave'];

function shares(peers: string[], replicas: number): number[] {
  return [...copies(deployment('web', { placement: { peers }, replicas })).values()].map(
    (spec) => spec.replicas,
  );
}

describe('copies', () => {
  it.each([
    [['alice'], 3, [3]],
    [['alice', 'bob'], 4, [2, 2]],
    [['alice', 'bob'], 5, [3, 2]],
    [['alice', 'bob', 'carol'], 1, [1, 0, 0]],
    [['alice', 'bob'], 0, [0, 0]],
  ])('spreads over %j %i replicas as %j', (peers, replicas, expected) => {
    expect(shares(peers, replicas)).toEqual(expected);
  });

  it('gives every replica to somebody, evenly', () => {
    fc.assert(
      fc.property(fc.subarray(PEERS, { minLength: 1 }), fc.nat(100), (peers, replicas) => {
        const each = shares(peers, replicas);
        expect(each.reduce((sum, share) => sum + share, 0)).toBe(replicas);
        expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('tells no peer of the others', () => {
    const all = copies(deployment('web', { placement: { peers: ['alice', 'bob'] } }));
    expect(all.get('bob')?.placement).toEqual({ peers: ['bob'] });
  });

  it('gives nothing to anybody once the object is being deleted', () => {
    expect(copies(deployment('web', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })).size).toBe(0);
  });
});

describe('leaving', () => {
  const counts = {
    desiredReplicas: 1,
    replicas: 0,
    updatedReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
  };
  const known = {
    replicas: 0,
    updatedReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    peers: [{ name: 'bob', ...counts }],
  };

  it('is every peer that had a copy and is no longer named', () => {
    expect(leaving({ ...deployment('web'), status: known })).toEqual(['bob']);
  });

  it('is every peer that may have a copy of a deleted object', () => {
    expect(
      leaving({ ...deployment('web', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), status: known }),
    ).toEqual(['bob', 'alice']);
  });
});
