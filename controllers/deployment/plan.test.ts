import { type Case, ending, planned, surge } from '../../test/envtest/deployment-plans.ts';
import {
  dead,
  desired,
  NOW,
  observed,
  old,
  running,
  UNREADY,
} from '../../test/envtest/deployment-samples.ts';
import { deployment } from '../../test/support/objects.ts';
import { desiredOf } from './desired.ts';
import { formatPlan, planOf } from './plan.ts';

const SECOND = 1_000;

const young = { health: { ready: true, readySince: NOW, failed: false } };
const failed = { health: { ready: false, failed: true, message: 'liveness probe failed: HTTP 500' } };

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

describe('plan', () => {
  const cases = { steady, crashes, images };
  describe.each(Object.entries(cases))('%s', (_, rows) => {
    test.each(rows)('$what', (row) => {
      expect(planned(row)).toEqual(row.does);
    });
  });

  test('what nobody vouches for changes nothing', () => {
    const frozen = { ...desired({ replicas: 3 }), replicas: 0, frozen: true };
    expect(planOf(frozen, observed([running(0), dead(1), old(2)]), NOW).actions).toEqual([]);
  });

  test.each([
    ['stopped', { state: 'Stopped' }, {}, true, 'the Deployment was stopped'],
    ['deleted', {}, { deletionTimestamp: '2030-01-01T00:00:00Z' }, true, 'the Deployment was deleted'],
    ['not allowed', {}, {}, false, 'its owner may not run it here any more'],
    ['scaled to none', { replicas: 0 }, {}, true, 'more run than are wanted'],
  ])('of one that is %s it says so', (_, spec, metadata, allowed, because) => {
    const admission = allowed
      ? ({ allowed } as const)
      : ({ allowed, containers: 'Remove', reason: 'NotGranted', message: 'no' } as const);
    const halted = { ...desiredOf(deployment('web', spec, metadata), admission), templateHash: 'new' };
    const plan = planOf(halted, observed([running(0), running(1)]), NOW);
    const said = formatPlan(plan).map((line) => line.split(': ')[1]);
    expect(said).toEqual([because, because]);
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
