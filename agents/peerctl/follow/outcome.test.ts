import type { Condition } from '../../../api/meta/condition.ts';
import type { DeploymentStatus } from '../../../api/v1alpha1/deployment-status.ts';
import { deployment } from '../../../test/support/objects.ts';
import { condition } from '../../../test/support/peerctl-statuses.ts';
import { isDelivered, outcomeOf } from './outcome.ts';

/** The outcome of a Deployment of generation 2 with these conditions. */
function outcome(conditions: Condition[], status: Partial<DeploymentStatus> = {}, spec = {}, metadata = {}) {
  const web = deployment('web', spec, { generation: 2, ...metadata });
  const counts = { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 };
  return outcomeOf({ ...web, status: { ...counts, observedGeneration: 2, conditions, ...status } });
}

const notReady = condition('Ready', 'False', 'Starting', 'soon');

const GOING = { deletionTimestamp: '2030-01-01T00:00:00Z' };
const EXPOSED = { spec: { containers: [{ name: 'web', image: 'web', ports: [{ containerPort: 80 }] }] } };

describe('outcomeOf', () => {
  it.each<[string, Parameters<typeof outcome>, string, number]>([
    ['done when it is ready', [[condition('Ready', 'True', 'Ready')]], 'done', 0],
    [
      'done when it is stopped and is to be',
      [[condition('Ready', 'False', 'Stopped')], {}, { state: 'Stopped' }],
      'done',
      0,
    ],
    [
      'under way when it is stopped and is not to be',
      [[condition('Ready', 'False', 'Stopped')]],
      'underway',
      3,
    ],
    ['under way without a status', [[], { observedGeneration: undefined }], 'underway', 3],
    [
      'under way while the status is about an older spec',
      [[condition('Ready', 'True', 'Ready')], { observedGeneration: 1 }],
      'underway',
      3,
    ],
    [
      'under way while the condition is about an older spec',
      [[{ ...condition('Ready', 'True', 'Ready'), observedGeneration: 1 }]],
      'underway',
      3,
    ],
    ['under way while it is queued', [[notReady, condition('Synced', 'False', 'Queued')]], 'underway', 3],
    [
      'under way while it crashes: the next start may succeed',
      [[condition('Ready', 'False', 'CrashLoop')]],
      'underway',
      3,
    ],
    [
      'over when the peer refuses',
      [[notReady, condition('Admitted', 'False', 'ImageNotAllowed')]],
      'ended',
      4,
    ],
    [
      'over when we do not trust the peer',
      [[notReady, condition('Synced', 'False', 'PeerNotTrusted')]],
      'ended',
      1,
    ],
    [
      'over when the peer does not answer',
      [[notReady, condition('Synced', 'False', 'PeerUnreachable')]],
      'ended',
      5,
    ],
    [
      'over when the peer has it and does not answer',
      [[condition('Ready', 'Unknown', 'PeerUnreachable'), condition('Synced', 'True', 'Delivered')]],
      'ended',
      5,
    ],
    [
      'over when nothing moves any more',
      [[notReady, condition('Progressing', 'False', 'ProgressDeadlineExceeded')]],
      'ended',
      3,
    ],
    ['over when it is stalled', [[notReady, condition('Stalled', 'True', 'Error')]], 'ended', 1],
    ['over when its manifest is wrong', [[condition('Parsed', 'False', 'InvalidManifest')]], 'ended', 2],
    [
      'not done before it is gone, when it is to go',
      [[condition('Ready', 'True', 'Ready')], {}, {}, GOING],
      'underway',
      3,
    ],
    ...[
      condition('Admitted', 'False', 'ImageNotAllowed'),
      condition('Exposed', 'False', 'NoGateway'),
      condition('Progressing', 'False', 'ProgressDeadlineExceeded'),
      condition('Stalled', 'True', 'Error'),
    ].map((trouble): [string, Parameters<typeof outcome>, string, number] => [
      `under way when it is to go, whatever ${trouble.type} was`,
      [[notReady, trouble], {}, { expose: { port: 80 }, template: EXPOSED }, GOING],
      'underway',
      3,
    ]),
    [
      'over when a peer does not let it go',
      [[notReady, condition('Synced', 'False', 'PeerUnreachable')], {}, {}, GOING],
      'ended',
      5,
    ],
  ])('is %s', (_, input, state, exitCode) => {
    expect(outcome(...input)).toMatchObject({ state, exitCode });
  });

  it('says why', () => {
    expect(outcome([notReady, condition('Admitted', 'False', 'QuotaExceeded', 'too much')]).message).toBe(
      'QuotaExceeded: too much',
    );
    expect(outcome([notReady]).message).toBe('Starting: soon');
  });
});

describe('isDelivered', () => {
  it('holds when every peer has taken the present spec', () => {
    const web = deployment('web', { placement: { peers: ['alice', 'bob'] } }, { generation: 2 });
    const counts = {
      replicas: 0,
      updatedReplicas: 0,
      readyReplicas: 0,
      availableReplicas: 0,
      desiredReplicas: 1,
    };
    const status = (bob: number) => ({
      ...counts,
      peers: [
        { name: 'alice', ...counts, deliveredGeneration: 2 },
        { name: 'bob', ...counts, deliveredGeneration: bob },
      ],
    });
    expect([
      isDelivered(web),
      isDelivered({ ...web, status: status(1) }),
      isDelivered({ ...web, status: status(2) }),
    ]).toEqual([false, false, true]);
  });
});
