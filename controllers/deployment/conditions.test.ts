import { dead, NOW, old, READY, running, UNREADY } from '../../test/envtest/deployment-samples.ts';
import { conditions, type Situation } from '../../test/envtest/deployment-situations.ts';
import type { Admission } from './desired.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

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
