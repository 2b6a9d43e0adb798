import { type ConditionInput, findCondition, setConditions } from '../../api/meta/condition.ts';
import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { deployment } from '../../test/support/objects.ts';
import type { Outcome } from './outcome.ts';
import { syncStatus } from './status.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const web = deployment('web', { replicas: 2, placement: { peers: ['alice', 'bob'] } }, { generation: 3 });

const READY: ConditionInput[] = [
  { type: 'Admitted', status: 'True', reason: 'Accepted', message: 'ok' },
  { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'ok' },
  { type: 'Progressing', status: 'True', reason: 'UpdateComplete', message: 'ok' },
  { type: 'Ready', status: 'True', reason: 'Ready', message: 'ok' },
];
const CRASHED: ConditionInput[] = [
  READY[0]!,
  { type: 'Available', status: 'False', reason: 'CrashLoop', message: 'exited 1' },
  READY[2]!,
  { type: 'Ready', status: 'False', reason: 'CrashLoop', message: 'exited 1' },
];

/** The peer's copy with a status about the spec it holds. */
function remote(conditions: ConditionInput[], ready: number): Deployment {
  const copy = deployment('web', {}, { generation: 7 });
  const status: DeploymentStatus = {
    observedGeneration: 7,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: ready,
    availableReplicas: ready,
    containers: [
      { name: 'web-0', ordinal: 0, state: 'Running', ready: ready > 0, updated: true, restarts: 0 },
    ],
    conditions: setConditions([], conditions, NOW),
  };
  return { ...copy, status };
}

function outcome(peer: string, more: Partial<Outcome> = {}): Outcome {
  return { peer, desiredReplicas: 1, delivered: true, leaving: false, remote: remote(READY, 1), ...more };
}

function summary(outcomes: Outcome[]) {
  const { status, conditions } = syncStatus(web, outcomes, NOW);
  return { status, of: (type: string) => conditions.find((condition) => condition.type === type) };
}

describe('syncStatus', () => {
  it('knows nothing of a public address that the peer has not judged since the spec changed', () => {
    const template = {
      spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] },
    };
    const exposed = deployment('web', { expose: { port: 80 }, template }, { generation: 3 });
    const said = (observedGeneration: number) => {
      const condition = {
        type: 'Exposed',
        status: 'True',
        reason: 'Ready',
        message: 'ok',
        observedGeneration,
      } as const;
      const one = outcome('alice', { remote: remote([...READY, condition], 1) });
      const { status, conditions } = syncStatus(exposed, [one], NOW);
      return [
        findCondition(status.peers?.[0]?.conditions, 'Exposed'),
        conditions.find(({ type }) => type === 'Exposed'),
      ];
    };
    expect(said(7)).toMatchObject([{ status: 'True' }, { status: 'True' }]);
    expect(said(6)).toMatchObject([undefined, { status: 'Unknown' }]);
  });

  it('is Ready when every peer is, and adds up their counts', () => {
    const { status, of } = summary([outcome('alice'), outcome('bob')]);
    expect(status).toMatchObject({
      observedGeneration: 3,
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    expect(status.containers?.map(({ peer, name }) => `${peer}/${name}`)).toEqual([
      'alice/web-0',
      'bob/web-0',
    ]);
    expect(of('Ready')).toMatchObject({ status: 'True', reason: 'Ready' });
    expect(of('Synced')).toMatchObject({ status: 'True', reason: 'Delivered' });
  });

  it('names the peer and the reason when one is not ready', () => {
    const { of } = summary([outcome('alice'), outcome('bob', { remote: remote(CRASHED, 0) })]);
    expect(of('Ready')).toMatchObject({ status: 'False', reason: 'CrashLoop', message: 'bob: exited 1' });
    expect(of('Admitted')).toMatchObject({ status: 'True' });
  });

  it('counts nothing of a peer that does not answer, and keeps the spec queued for it', () => {
    const unreachable = { reason: 'PeerUnreachable', message: 'queued for bob' };
    const { status, of } = summary([
      outcome('alice'),
      outcome('bob', { delivered: false, unreachable, lastContact: 0 }),
    ]);
    expect(status).toMatchObject({ readyReplicas: 1, replicas: 1 });
    expect(status.peers?.[1]).toMatchObject({
      name: 'bob',
      readyReplicas: 1,
      lastContact: '1970-01-01T00:00:00.000Z',
    });
    expect(status.containers?.[1]).toMatchObject({ peer: 'bob', ready: false });
    expect(of('Synced')).toMatchObject({
      status: 'False',
      reason: 'PeerUnreachable',
      message: 'bob: queued for bob',
    });
    expect(of('Ready')).toMatchObject({ status: 'False', reason: 'PeerUnreachable' });
  });

  it('says why a peer refused', () => {
    const refused = { reason: 'QuotaExceeded', message: 'cpu: 5 would be in use of 4' };
    const { of } = summary([outcome('alice', { delivered: false, remote: undefined, refused })]);
    expect(of('Admitted')).toMatchObject({ status: 'False', ...refused });
    expect(of('Ready')).toMatchObject({ status: 'False', ...refused });
  });

  it('does not take the status of an older spec for that of this one', () => {
    const stale = remote(READY, 1);
    stale.status = { ...stale.status!, observedGeneration: 6 };
    const { status, of } = summary([outcome('alice', { remote: stale })]);
    expect(status.peers?.[0]).toMatchObject({
      updatedReplicas: 0,
      deliveredGeneration: 3,
      observedGeneration: undefined,
    });
    expect(of('Ready')).toMatchObject({ status: 'False', reason: 'Starting' });
  });

  it('keeps what a peer observed earlier, and when its conditions changed', () => {
    const first = syncStatus(web, [outcome('alice')], NOW);
    const before: Deployment = { ...web, status: { ...first.status, conditions: [] } };
    const later = syncStatus(
      before,
      [outcome('alice', { delivered: false, unreachable: { reason: 'PeerUnreachable', message: '' } })],
      new Date('2026-01-02T00:00:00Z'),
    );
    expect(later.status.peers?.[0]).toMatchObject({ observedGeneration: 3, deliveredGeneration: 3 });
    expect(findCondition(later.status.peers?.[0]?.conditions, 'Admitted')?.lastTransitionTime).toBe(
      NOW.toISOString(),
    );
  });

  it('lists a leaving peer until it has let go', () => {
    const going = outcome('carol', { leaving: true, delivered: false, desiredReplicas: 0 });
    expect(summary([outcome('alice'), going]).status.peers?.map(({ name }) => name)).toEqual([
      'alice',
      'carol',
    ]);
    expect(
      summary([outcome('alice'), { ...going, delivered: true, remote: undefined }]).status.peers?.map(
        ({ name }) => name,
      ),
    ).toEqual(['alice']);
  });

  it('is the same a second time', () => {
    const outcomes = [outcome('alice'), outcome('bob', { remote: remote(CRASHED, 0) })];
    const first = syncStatus(web, outcomes, NOW);
    const again = syncStatus(
      { ...web, status: { ...first.status, conditions: [] } },
      outcomes,
      new Date('2026-02-01T00:00:00Z'),
    );
    expect(again).toEqual(first);
  });
});
