import { decode, statusSchema } from '../../api/scheme.ts';
import { dead, NOW, old, running, UNREADY } from '../../test/envtest/deployment-samples.ts';
import { conditions, type Situation, statusFor, whole } from '../../test/envtest/deployment-situations.ts';

const SECOND = 1_000;

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
