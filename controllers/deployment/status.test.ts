import { type ConditionInput, setConditions } from '../../api/meta/condition.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectMeta } from '../../api/meta/object.ts';
import { decode, statusSchema } from '../../api/scheme.ts';
import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { dead, NOW, observed, old, READY, running, UNREADY } from '../../test/envtest/deployment-samples.ts';
import { deployment } from '../../test/support/objects.ts';
import { type Admission, desiredOf } from './desired.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { planOf } from './plan.ts';
import { statusOf } from './status.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Situation {
  spec?: MergePatch;
  metadata?: Partial<ObjectMeta>;
  containers?: ObservedContainer[];
  observed?: Partial<Observed>;
  admission?: Admission;
  before?: DeploymentStatus;
  now?: number;
}

describe('the summary names the first broken link', () => {
  const failure = { message: 'no such image', terminal: false, retryAt: NOW + 10 * SECOND };
  const rows: [what: string, situation: Situation, reason: string, message: string][] = [
    ['ready', { containers: [running(0)] }, 'Ready', '1 replica ready'],
    ['none wanted', { spec: { replicas: 0 } }, 'Ready', '0 replicas ready'],
    [
      'image asked for',
      { observed: { image: { state: 'Unknown' } } },
      'Starting',
      'looking for peercompute.local/web:1',
    ],
    [
      'image queued',
      { observed: { image: { state: 'Queued' } } },
      'Queued',
      'peercompute.local/web:1 waits for another pull to end',
    ],
    [
      'image pulled',
      { observed: { image: { state: 'Pulling' } } },
      'Pulling',
      'pulling peercompute.local/web:1',
    ],
    [
      'image missing',
      { observed: { image: { state: 'Failed', reason: 'ImagePullFailed', ...failure } } },
      'ImagePullFailed',
      'no such image; next attempt at 2030-01-01T00:00:10.000Z',
    ],
    ['about to start', {}, 'Starting', 'about to start'],
    [
      'not created',
      {
        observed: {
          runFailures: new Map([
            [0, { reason: 'RunAsRoot', ...failure, message: 'the image runs as root', terminal: true }],
          ]),
        },
      },
      'RunAsRoot',
      'the image runs as root; next attempt at 2030-01-01T00:00:10.000Z',
    ],
    [
      'not started',
      { containers: [dead(0, { error: 'exec: "serve": not found', exitCode: 127 })] },
      'StartFailed',
      'could not start: exec: "serve": not found; check command and image',
    ],
    [
      'ended by itself',
      { containers: [dead(0, { exitCode: 0 })] },
      'Completed',
      `its process ended by itself (exit code 0), and a Deployment's must keep running; see "peerctl logs web --previous"`,
    ],
    [
      'crashed late',
      { containers: [dead(0, { startedAt: NOW - MINUTE })] },
      'Error',
      'exited with code 1; see "peerctl logs web --previous"',
    ],
    [
      'crashes again and again',
      { containers: [dead(0, { startedAt: NOW - MINUTE, attempt: 4, backoffLevel: 2 })] },
      'CrashLoop',
      'exited with code 1; see "peerctl logs web --previous"; next attempt at 2030-01-01T00:00:20.000Z',
    ],
    [
      'runs again, but has not proven itself',
      {
        containers: [
          running(0, { attempt: 2, backoffLevel: 2, health: { ...READY, readySince: NOW } }),
          dead(0, { startedAt: NOW - MINUTE, attempt: 1, backoffLevel: 1 }),
        ],
      },
      'CrashLoop',
      'exited with code 1; see "peerctl logs web --previous"',
    ],
    [
      'out of memory',
      { containers: [dead(0, { oomKilled: true, exitCode: 137 })] },
      'OOMKilled',
      'killed for using more memory than its limit of 256Mi; raise resources.limits.memory, or see "peerctl logs web --previous"',
    ],
    [
      'killed',
      { containers: [dead(0, { exitCode: 137, startedAt: NOW - MINUTE })] },
      'Error',
      'exited with code 137: ended by signal 9; see "peerctl logs web --previous"',
    ],
    [
      'its command is missing',
      { containers: [dead(0, { exitCode: 127 })] },
      'Error',
      'exited with code 127: its command was not found; check command, args and the image; see "peerctl logs web --previous"',
    ],
    [
      'readiness',
      { containers: [running(0, { health: UNREADY })] },
      'ProbeFailed',
      'readiness probe failed: HTTP 503',
    ],
    [
      'no probe has answered yet',
      { containers: [running(0, { health: { ready: false, failed: false } })] },
      'Starting',
      'waiting for its first probe to pass',
    ],
    [
      'liveness',
      {
        containers: [
          running(0, { health: { ready: false, failed: true, message: 'liveness probe failed: HTTP 500' } }),
        ],
      },
      'ProbeFailed',
      'liveness probe failed: HTTP 500',
    ],
    [
      'not ready for long enough',
      { spec: { minReadySeconds: 5 }, containers: [running(0, { health: { ...READY, readySince: NOW } })] },
      'MinimumReplicasUnavailable',
      'ready, but not yet for minReadySeconds',
    ],
    [
      'the worst of several',
      {
        spec: { replicas: 3 },
        containers: [running(0), running(1, { health: UNREADY }), dead(2, { exitCode: 0 })],
      },
      'Completed',
      `web-2: its process ended by itself (exit code 0), and a Deployment's must keep running; see "peerctl logs web --previous"`,
    ],
    [
      'old ones remain',
      { containers: [running(0), old(0)] },
      'Updating',
      '1 container of before still to be replaced',
    ],
    [
      'a bad image leaves the old ones',
      {
        containers: [old(0)],
        observed: { image: { state: 'Failed', reason: 'ImagePullFailed', ...failure } },
      },
      'ImagePullFailed',
      'no such image; next attempt at 2030-01-01T00:00:10.000Z',
    ],
    [
      'stopping',
      { spec: { state: 'Stopped' }, containers: [running(0)] },
      'Terminating',
      '1 container still to end',
    ],
    [
      'stopped',
      { spec: { state: 'Stopped' } },
      'Stopped',
      'stopped by its spec; "peerctl start web" runs it again',
    ],
    [
      'being deleted',
      { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' }, containers: [running(0)] },
      'Terminating',
      '1 container still to end',
    ],
    [
      'not allowed',
      {
        admission: {
          allowed: false,
          containers: 'Remove',
          reason: 'Expired',
          message: 'trust in bob has ended',
        },
        containers: [running(0)],
      },
      'Expired',
      'trust in bob has ended',
    ],
    [
      'not signed',
      {
        admission: { allowed: false, containers: 'Keep', reason: 'SignatureInvalid', message: 'not signed' },
        containers: [running(0)],
      },
      'SignatureInvalid',
      'not signed',
    ],
  ];
  test.each(rows)('%s', (_, situation, reason, message) => {
    const { Ready } = conditions(situation);
    expect(Ready).toMatchObject({ reason, message, status: reason === 'Ready' ? 'True' : 'False' });
  });

  test('an early death may lack a capability', () => {
    const { Ready } = conditions({ containers: [dead(0)] });
    expect(Ready?.message).toContain('"Operation not permitted"');
  });
});

describe('the other conditions', () => {
  test('available is about the least that must serve', () => {
    const spec = {
      replicas: 4,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } },
    };
    const three = [0, 1, 2].map((ordinal) => running(ordinal));
    expect(conditions({ spec, containers: three }).Available).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
    });
    expect(conditions({ spec, containers: three.slice(1) }).Available).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: '2 of 4 replicas available; at least 3 must be',
    });
  });

  test('a stopped one is neither available nor stuck', () => {
    expect(conditions({ spec: { state: 'Stopped' } })).toMatchObject({
      Admitted: { status: 'True' },
      Available: { status: 'False', reason: 'Stopped' },
      Progressing: { status: 'True', reason: 'Stopped' },
      Stalled: { status: 'False' },
    });
  });

  test('what is not allowed is not admitted, and no waiting mends it', () => {
    const admission: Admission = {
      allowed: false,
      containers: 'Remove',
      reason: 'Expired',
      message: 'trust has ended',
    };
    expect(conditions({ admission })).toMatchObject({
      Admitted: { status: 'False', reason: 'Expired' },
      Progressing: { status: 'False', reason: 'Expired' },
      Stalled: { status: 'True', reason: 'Expired' },
    });
  });

  test('containers of the last signed spec are still available', () => {
    const admission: Admission = {
      allowed: false,
      containers: 'Keep',
      reason: 'SignatureInvalid',
      message: 'no',
    };
    expect(conditions({ admission, containers: [running(0)] }).Available).toMatchObject({ status: 'True' });
  });

  test('a failure that retrying cannot mend is a stall', () => {
    const failure = { reason: 'ImageNeverPull', message: 'no', terminal: true, retryAt: NOW + 1 };
    const { Stalled, Progressing } = conditions({ observed: { image: { state: 'Failed', ...failure } } });
    expect(Stalled).toMatchObject({ status: 'True', reason: 'ImageNeverPull' });
    expect(Progressing).toMatchObject({ status: 'True' });
  });
});

describe('counts and containers', () => {
  test('everything that is alive counts, and what is ready and available of it', () => {
    const containers = [
      running(0),
      running(1, { health: UNREADY }),
      old(1),
      dead(2),
      running(3, { drifted: true }),
    ];
    const { status } = statusFor({ spec: { replicas: 4 }, containers });
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 3 });
  });

  test('each replica and each old one is told, and is told apart', () => {
    const containers = [
      running(0, { attempt: 3 }),
      dead(0, { attempt: 2 }),
      old(0, { terminating: { gracePeriodSeconds: 5 } }),
      old(1),
    ];
    const { status } = statusFor({ spec: { replicas: 2 }, containers });
    expect(status.containers).toMatchObject([
      { name: 'web-0', state: 'Running', ready: true, updated: true, restarts: 3, exitCode: 1 },
      { name: 'web-0-old', state: 'Running', ready: false, updated: false, reason: 'Terminating' },
      { name: 'web-1-old', state: 'Running', ready: true, updated: false },
    ]);
  });

  test('a replica that is not there yet is told as well', () => {
    const { status } = statusFor({ observed: { image: { state: 'Pulling' } } });
    expect(status.containers).toMatchObject([{ name: 'web-0', state: 'Waiting', ready: false, restarts: 0 }]);
  });

  test('bytes of a pull are told while they arrive', () => {
    const image = { state: 'Pulling', progress: { currentBytes: 5, totalBytes: 10 } } as const;
    expect(statusFor({ observed: { image } }).status.pull).toEqual({
      image: 'peercompute.local/web:1',
      current: 5,
      total: 10,
    });
    expect(statusFor({ containers: [running(0)], observed: { image } }).status.pull).toBeUndefined();
  });

  test('one that we stopped for its probe is told so after it has ended', () => {
    const failed = { ready: false, failed: true, message: 'liveness probe failed: HTTP 500' };
    const before = whole(statusFor({ containers: [running(0, { health: failed, startedAt: NOW - 1_000 })] }));
    const { Ready } = conditions({ containers: [dead(0, { exitCode: 143 })], before });
    expect(Ready).toMatchObject({ reason: 'ProbeFailed', message: 'liveness probe failed: HTTP 500' });
  });

  test('a status is what the schema says, however much there is to tell', () => {
    const containers = Array.from({ length: 1000 }, (_, ordinal) => [
      old(ordinal, { terminating: { gracePeriodSeconds: 1 } }),
      dead(ordinal, { error: 'x'.repeat(10_000) }),
    ]).flat();
    const status = whole(statusFor({ spec: { replicas: 1000 }, containers }));
    expect(decode(statusSchema('Deployment'), JSON.parse(JSON.stringify(status)))).toMatchObject({
      ok: true,
    });
  });
});

describe('progress', () => {
  const deadline = 600 * SECOND;
  const stuck: Situation = {
    spec: { replicas: 2 },
    containers: [old(0), old(1), running(0, { health: UNREADY })],
  };

  test('a new template starts the clock', () => {
    const { status, wakeAt } = statusFor({ ...stuck, before: { ...earlier(), revision: 'old' } });
    expect(status.lastProgressTime).toBe('2030-01-01T00:00:00.000Z');
    expect(wakeAt).toBe(NOW + deadline);
  });

  test('so does any change of the spec', () => {
    const { status } = statusFor({ ...stuck, metadata: { generation: 2 }, before: earlier() });
    expect(status.lastProgressTime).toBe('2030-01-01T00:00:00.000Z');
  });

  test('without a move it is stuck at the deadline, and says what it waited for', () => {
    const first = whole(statusFor(stuck));
    const early = whole(statusFor({ ...stuck, before: first, now: NOW + deadline - 1 }));
    expect(byType(early.conditions).Progressing).toMatchObject({ status: 'True', reason: 'Updating' });
    const late = statusFor({ ...stuck, before: early, now: NOW + deadline });
    expect(byType(late.conditions)).toMatchObject({
      Progressing: {
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'no progress for 600 s (progressDeadlineSeconds): web-0: readiness probe failed: HTTP 503',
      },
      Stalled: { status: 'True', reason: 'ProgressDeadlineExceeded' },
      Available: { status: 'True' },
      Ready: { status: 'False', reason: 'ProbeFailed' },
    });
    expect(late.wakeAt).toBeUndefined();
  });

  const moves: [what: string, containers: ObservedContainer[]][] = [
    ['one more is new', [old(0), old(1), running(0, { health: UNREADY }), running(1, { health: UNREADY })]],
    ['one fewer is old', [old(1), running(0, { health: UNREADY })]],
    ['one more is available', [old(0), old(1), running(0)]],
  ];
  test.each(moves)('%s: it moves', (_, containers) => {
    const first = whole(statusFor(stuck));
    const { status } = statusFor({ ...stuck, containers, before: first, now: NOW + MINUTE });
    expect(status.lastProgressTime).toBe('2030-01-01T00:01:00.000Z');
  });

  test('bytes that arrive are a move, a pull that begins anew is none', () => {
    const pulling = (currentBytes: number): Situation => {
      return { observed: { image: { state: 'Pulling', progress: { currentBytes, totalBytes: 9 } } } };
    };
    const first = whole(statusFor(pulling(5)));
    expect(statusFor({ ...pulling(6), before: first, now: NOW + MINUTE }).status.lastProgressTime).toBe(
      '2030-01-01T00:01:00.000Z',
    );
    expect(statusFor({ ...pulling(1), before: first, now: NOW + MINUTE }).status.lastProgressTime).toBe(
      '2030-01-01T00:00:00.000Z',
    );
  });

  test('once complete it stays so, though a replica fails later', () => {
    const done = whole(statusFor({ containers: [running(0)] }));
    expect(byType(done.conditions).Progressing).toMatchObject({ status: 'True', reason: 'UpdateComplete' });
    const later = statusFor({ containers: [dead(0)], before: done, now: NOW + 2 * deadline });
    expect(byType(later.conditions)).toMatchObject({
      Progressing: { status: 'True', reason: 'UpdateComplete' },
      Ready: { status: 'False' },
    });
  });

  test('what is changed by hand long after the update is a new update, not an overdue one', () => {
    const done = whole(statusFor({ containers: [running(0)] }));
    const later = statusFor({
      containers: [running(0, { drifted: true })],
      before: done,
      now: NOW + 2 * deadline,
    });
    expect(byType(later.conditions).Progressing).toMatchObject({ status: 'True', reason: 'Updating' });
  });

  test('a clock that was set back does not put the deadline off', () => {
    const first = whole(statusFor({ ...stuck, now: NOW + 24 * 60 * MINUTE }));
    expect(statusFor({ ...stuck, before: first }).wakeAt).toBe(NOW + deadline);
  });
});

test('the same again is the same status', () => {
  const situations: Situation[] = [
    { containers: [running(0)] },
    { containers: [dead(0, { attempt: 1, backoffLevel: 1 })] },
    { containers: [old(0)] },
  ];
  for (const situation of situations) {
    const first = whole(statusFor(situation));
    const second = whole(statusFor({ ...situation, before: first, now: NOW + SECOND }));
    expect(second).toEqual(first);
  }
});

test('env values are nowhere in it', () => {
  const container = {
    name: 'web',
    image: 'x',
    env: [{ name: 'TOKEN', value: 'secret' }],
    command: ['secret'],
  };
  const spec = { template: { spec: { containers: [container] } } };
  expect(JSON.stringify(statusFor({ spec, containers: [dead(0)] }))).not.toContain('secret');
});

function objectOf({ spec = {}, metadata = {}, before: status }: Situation): Deployment {
  return { ...deployment('web', spec, metadata), status };
}

function statusFor(situation: Situation): ReturnType<typeof statusOf> {
  const { containers = [], admission = { allowed: true }, now = NOW } = situation;
  const object = objectOf(situation);
  const desired = { ...desiredOf(object, admission), templateHash: 'new' };
  const seen = observed(containers, situation.observed);
  const { pulling } = planOf(desired, seen, now);
  return statusOf({ deployment: object, admission, desired, observed: seen, pulling, now });
}

/** As it would be written. */
function whole({ status, conditions: own }: ReturnType<typeof statusOf>): DeploymentStatus {
  return { ...status, conditions: setConditions([], own, new Date(NOW)) };
}

function earlier(): DeploymentStatus {
  return {
    ...whole(statusFor({ spec: { replicas: 2 }, containers: [old(0), old(1)] })),
    lastProgressTime: '2029-01-01T00:00:00.000Z',
  };
}

function conditions(situation: Situation): Partial<Record<string, ConditionInput>> {
  return byType(statusFor(situation).conditions);
}

function byType(list: readonly ConditionInput[] = []): Partial<Record<string, ConditionInput>> {
  return Object.fromEntries(list.map((condition) => [condition.type, condition]));
}
