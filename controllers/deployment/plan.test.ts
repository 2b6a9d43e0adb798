import type { MergePatch } from '../../api/meta/merge-patch.ts';
import {
  dead,
  desired,
  NOW,
  observed,
  old,
  running,
  UNREADY,
} from '../../test/envtest/deployment-samples.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { formatPlan, planOf } from './plan.ts';

const SECOND = 1_000;

interface Case {
  what: string;
  spec?: MergePatch;
  containers: ObservedContainer[];
  observed?: Partial<Observed>;
  does: string[];
}

const surge = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});
const young = { health: { ready: true, readySince: NOW, failed: false } };
const failed = { health: { ready: false, failed: true, message: 'liveness probe failed: HTTP 500' } };
const ending = { terminating: { gracePeriodSeconds: 10 } };

const steady: Case[] = [
  { what: 'one is wanted and there is none', containers: [], does: ['run 0/0'] },
  { what: 'one is wanted and runs', containers: [running(0)], does: [] },
  {
    what: 'three are wanted and one is missing',
    spec: { replicas: 3 },
    containers: [running(0), running(2)],
    does: ['run 1/0'],
  },
  { what: 'more are wanted', spec: { replicas: 3 }, containers: [running(0)], does: ['run 1/0', 'run 2/0'] },
  {
    what: 'fewer are wanted',
    spec: { replicas: 1 },
    containers: [running(0), running(1), running(2)],
    does: ['remove web-2-new-0', 'remove web-1-new-0'],
  },
  {
    what: 'none are wanted',
    spec: { replicas: 0 },
    containers: [running(0), dead(1)],
    does: ['remove web-0-new-0', 'remove web-1-new-0'],
  },
  {
    what: 'it is stopped',
    spec: { state: 'Stopped' },
    containers: [running(0), old(1)],
    does: ['remove web-0-new-0', 'remove web-1-old-0'],
  },
  { what: 'it is stopped already', spec: { state: 'Stopped' }, containers: [], does: [] },
  {
    what: 'one was created and never started',
    containers: [running(0, { state: 'Created', attempt: 2 })],
    does: ['run 0/2'],
  },
  {
    what: 'an old one was created and never started',
    containers: [running(0), old(0, { state: 'Created' })],
    does: ['remove web-0-old-0'],
  },
  {
    what: 'one runs twice',
    containers: [running(0, { attempt: 1 }), running(0, { attempt: 2 })],
    does: ['remove web-0-new-2'],
  },
  { what: 'one that is superfluous ends already', containers: [running(0), running(1, ending)], does: [] },
  {
    what: 'one that must end faster ends already',
    spec: { replicas: 0, template: { spec: { terminationGracePeriodSeconds: 1 } } },
    containers: [running(0, ending)],
    does: ['remove web-0-new-0'],
  },
  {
    what: 'one could not be removed a moment ago',
    spec: { replicas: 0 },
    containers: [
      running(0, {
        terminationFailure: { reason: 'Error', message: 'no', terminal: false, retryAt: NOW + SECOND },
      }),
    ],
    does: [],
  },
];

const crashes: Case[] = [
  { what: 'one crashed for the first time', containers: [dead(0)], does: ['run 0/1'] },
  {
    what: 'one ended well, which a Deployment does not',
    containers: [dead(0, { exitCode: 0 })],
    does: ['run 0/1'],
  },
  { what: 'one crashed again', containers: [dead(0, { attempt: 1, backoffLevel: 1 })], does: [] },
  {
    what: 'one crashed again, a while ago',
    containers: [dead(0, { attempt: 1, backoffLevel: 1, finishedAt: NOW - 10 * SECOND })],
    does: ['run 0/2'],
  },
  {
    what: 'one runs and its last death is kept',
    containers: [running(0, { attempt: 2 }), dead(0, { attempt: 1 })],
    does: [],
  },
  {
    what: 'earlier deaths are not',
    containers: [running(0, { attempt: 2 }), dead(0, { attempt: 1 }), dead(0)],
    does: ['remove web-0-new-0'],
  },
  {
    what: 'the dead one before a dead one is not either',
    containers: [dead(0, { attempt: 2, backoffLevel: 2 }), dead(0, { attempt: 1 })],
    does: ['remove web-0-new-1'],
  },
  { what: 'its liveness probe failed', containers: [running(0, failed)], does: ['stop web-0-new-0'] },
  {
    what: 'its liveness probe failed and it is ending',
    containers: [running(0, { ...failed, ...ending })],
    does: [],
  },
  { what: 'its readiness probe fails', containers: [running(0, { health: UNREADY })], does: [] },
  {
    what: 'it could not be created, a moment ago',
    containers: [],
    observed: {
      runFailures: new Map([
        [0, { reason: 'CreateFailed', message: 'no', terminal: false, retryAt: NOW + 1 }],
      ]),
    },
    does: [],
  },
  {
    what: 'it could not be created, a while ago',
    containers: [],
    observed: {
      runFailures: new Map([[0, { reason: 'CreateFailed', message: 'no', terminal: false, retryAt: NOW }]]),
    },
    does: ['run 0/0'],
  },
];

const images: Case[] = [
  {
    what: 'nobody has asked for the image',
    containers: [],
    observed: { image: { state: 'Unknown' } },
    does: ['pull'],
  },
  { what: 'the image is being pulled', containers: [], observed: { image: { state: 'Pulling' } }, does: [] },
  { what: 'the pull waits for its turn', containers: [], observed: { image: { state: 'Queued' } }, does: [] },
  {
    what: 'the pull failed a moment ago',
    containers: [],
    observed: {
      image: { state: 'Failed', reason: 'ImagePullFailed', message: 'no', terminal: false, retryAt: NOW + 1 },
    },
    does: [],
  },
  {
    what: 'the pull failed a while ago',
    containers: [],
    observed: {
      image: { state: 'Failed', reason: 'ImagePullFailed', message: 'no', terminal: false, retryAt: NOW },
    },
    does: ['pull'],
  },
  {
    what: 'nothing needs the image',
    containers: [running(0)],
    observed: { image: { state: 'Unknown' } },
    does: [],
  },
  {
    what: 'the old keep serving until the image of the new is here',
    spec: { ...surge(0, 1) },
    containers: [old(0)],
    observed: { image: { state: 'Unknown' } },
    does: ['pull'],
  },
  {
    what: 'the old that are too many do not wait for it',
    spec: { replicas: 1 },
    containers: [old(0), old(1), old(2)],
    observed: { image: { state: 'Pulling' } },
    does: ['remove web-2-old-0', 'remove web-1-old-0'],
  },
];

const updates: Case[] = [
  {
    what: 'a new one comes before an old one goes',
    spec: { replicas: 2 },
    containers: [old(0), old(1)],
    does: ['run 0/0'],
  },
  {
    what: 'the new one is not ready',
    spec: { replicas: 2 },
    containers: [old(0), old(1), running(0, { health: UNREADY })],
    does: [],
  },
  {
    what: 'the new one is ready',
    spec: { replicas: 2 },
    containers: [old(0), old(1), running(0)],
    does: ['remove web-0-old-0'],
  },
  {
    what: 'the old one is going',
    spec: { replicas: 2 },
    containers: [old(0, ending), old(1), running(0)],
    does: [],
  },
  {
    what: 'the old one has gone',
    spec: { replicas: 2 },
    containers: [old(1), running(0)],
    does: ['run 1/0'],
  },
  {
    what: 'the last old one goes',
    spec: { replicas: 2 },
    containers: [old(1), running(0), running(1)],
    does: ['remove web-1-old-0'],
  },
  {
    what: 'the new one has not been ready for long enough',
    spec: { minReadySeconds: 5 },
    containers: [old(0), running(0, young)],
    does: [],
  },
  {
    what: 'the new one crashes',
    spec: { replicas: 2 },
    containers: [old(0), old(1), dead(0, { backoffLevel: 1 })],
    does: [],
  },
  {
    what: 'an unready old one goes first',
    spec: { replicas: 2 },
    containers: [old(0), old(1, { health: UNREADY }), running(0)],
    does: ['remove web-1-old-0'],
  },
  {
    what: 'no old one is ready and nor is the new: any of them may recover',
    spec: { replicas: 2 },
    containers: [old(0, { health: UNREADY }), old(1, { health: UNREADY }), running(0, { health: UNREADY })],
    does: [],
  },
  {
    what: 'a dead old one goes, and its place is free',
    spec: { replicas: 2 },
    containers: [old(0), dead(1, { templateHash: 'old' })],
    does: ['remove web-1-old-0', 'run 0/0', 'run 1/0'],
  },
  {
    what: 'maxUnavailable lets old ones go first',
    spec: { replicas: 4, ...surge(0, 2) },
    containers: [old(0), old(1), old(2), old(3)],
    does: ['remove web-0-old-0', 'remove web-1-old-0'],
  },
  {
    what: 'percentages: a surge rounds up and an outage down',
    spec: { replicas: 3, ...surge('50%', '50%') },
    containers: [old(0), old(1), old(2)],
    does: ['remove web-0-old-0', 'run 0/0', 'run 1/0'],
  },
  {
    what: 'percentages that both come to nothing',
    spec: { ...surge('0%', '1%') },
    containers: [old(0)],
    does: ['remove web-0-old-0'],
  },
  {
    what: 'Recreate ends all old ones first',
    spec: { replicas: 2, strategy: { type: 'Recreate' } },
    containers: [old(0), old(1)],
    does: ['remove web-0-old-0', 'remove web-1-old-0'],
  },
  {
    what: 'Recreate waits for the last old one, also when there is room',
    spec: { replicas: 4, strategy: { type: 'Recreate' } },
    containers: [old(0, ending)],
    does: [],
  },
  {
    what: 'Recreate goes on',
    spec: { replicas: 2, strategy: { type: 'Recreate' } },
    containers: [],
    does: ['run 0/0', 'run 1/0'],
  },
  {
    what: 'a roll back finds the old ones where they were',
    spec: { replicas: 2 },
    containers: [running(0), running(1), running(0, { templateHash: 'bad', health: UNREADY, name: 'bad-0' })],
    does: ['remove bad-0'],
  },
  {
    what: 'an update and fewer replicas at once',
    spec: { replicas: 2 },
    containers: [old(0), old(1), old(2), old(3)],
    does: ['remove web-3-old-0', 'remove web-2-old-0'],
  },
  {
    what: 'the surge is lowered in the middle of an update that is stuck',
    spec: { replicas: 3, ...surge(1, 0) },
    containers: [0, 1, 2].flatMap((ordinal) => [old(ordinal), running(ordinal, { health: UNREADY })]),
    does: ['remove web-2-new-0', 'remove web-1-new-0'],
  },
];

const drifts: Case[] = [
  { what: 'one was changed by hand', containers: [running(0, { drifted: true })], does: ['run 0/1'] },
  {
    what: 'its successor serves',
    containers: [running(0, { drifted: true }), running(0, { attempt: 1 })],
    does: ['remove web-0-new-0'],
  },
  {
    what: 'without a surge it goes first',
    spec: { ...surge(0, 1) },
    containers: [running(0, { drifted: true })],
    does: ['remove web-0-new-0'],
  },
  {
    what: 'all were changed by hand: one at a time',
    spec: { replicas: 3 },
    containers: [0, 1, 2].map((ordinal) => running(ordinal, { drifted: true })),
    does: ['run 0/1'],
  },
  { what: 'one was changed by hand and died', containers: [dead(0, { drifted: true })], does: ['run 0/1'] },
];

describe('plan', () => {
  const cases = { steady, crashes, images, updates, drifts };
  describe.each(Object.entries(cases))('%s', (_, rows) => {
    test.each(rows)('$what', ({ spec, containers, observed: change, does }) => {
      expect(steps(planOf(desired(spec), observed(containers, change), NOW).actions)).toEqual(does);
    });
  });

  test('what nobody vouches for changes nothing', () => {
    const frozen = { ...desired({ replicas: 3 }), replicas: 0, frozen: true };
    expect(planOf(frozen, observed([running(0), dead(1), old(2)]), NOW).actions).toEqual([]);
  });

  test('it wakes when the first of several waits is over', () => {
    const containers = [dead(0, { attempt: 1, backoffLevel: 2 }), running(1, young)];
    const { wakeAt } = planOf(desired({ replicas: 2, minReadySeconds: 5 }), observed(containers), NOW);
    expect(wakeAt).toBe(NOW + 5 * SECOND);
  });

  test('a settled one never wakes', () => {
    expect(planOf(desired(), observed([running(0)]), NOW)).toEqual({
      actions: [],
      waits: [],
      pulling: false,
    });
  });

  test('a restart carries the level of its back-off', () => {
    const containers = [dead(0, { attempt: 4, backoffLevel: 2, finishedAt: NOW - 3600 * SECOND })];
    expect(planOf(desired(), observed(containers), NOW).actions).toMatchObject([
      { attempt: 5, backoffLevel: 3 },
    ]);
  });

  test('it reads as sentences, and env values are nowhere in it', () => {
    const env = [{ name: 'TOKEN', value: 'secret' }];
    const spec = {
      replicas: 2,
      template: { spec: { containers: [{ name: 'web', image: 'nginx:alpine', env }] } },
    };
    const plan = planOf(desired(spec), observed([old(0), dead(1)], { image: { state: 'Unknown' } }), NOW);
    expect(formatPlan(plan)).toEqual(['pull nginx:alpine (IfNotPresent)', 'wait for image nginx:alpine']);
    expect(JSON.stringify(plan)).not.toContain('secret');
    expect(formatPlan(planOf(desired(), observed([old(0)]), NOW))).toEqual([
      'run ordinal 0 of template new, attempt 0: it does not exist',
    ]);
  });
});

/** `run <ordinal>/<attempt>`, `remove <name>`, `pull`. */
function steps(actions: ReturnType<typeof planOf>['actions']): string[] {
  return actions.map((action) => {
    if (action.type === 'Pull') return 'pull';
    return action.type === 'Run'
      ? `run ${action.ordinal}/${action.attempt}`
      : `${action.type.toLowerCase()} ${action.name}`;
  });
}
