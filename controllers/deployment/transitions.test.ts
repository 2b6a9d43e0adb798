import type { ConditionInput } from '../../api/meta/condition.ts';
import type { ContainerStatus, DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import { transitionsOf } from './transitions.ts';

const well: ContainerStatus = {
  name: 'web-0',
  ordinal: 0,
  state: 'Running',
  ready: true,
  updated: true,
  restarts: 0,
};
const crashed: ContainerStatus = {
  ...well,
  state: 'Waiting',
  ready: false,
  reason: 'Error',
  message: 'exited with code 1',
  exitCode: 1,
};
const unready: ContainerStatus = { ...well, ready: false, reason: 'ProbeFailed', message: 'HTTP 503' };
const image = {
  state: 'Failed',
  reason: 'ImagePullFailed',
  message: 'not found',
  terminal: false,
  retryAt: 0,
} as const;
const refused: ConditionInput = {
  type: 'Admitted',
  status: 'False',
  reason: 'Expired',
  message: 'trust has ended',
};

function status(containers: ContainerStatus[], conditions: ConditionInput[] = []): DeploymentStatus {
  const counts = { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 };
  return { ...counts, containers, conditions: conditions.map((one) => ({ ...one, lastTransitionTime: '' })) };
}

function told(
  before: DeploymentStatus | undefined,
  after: Partial<Parameters<typeof transitionsOf>[1]>,
): string[] {
  const occurrences = transitionsOf(before, { containers: [], conditions: [], image: undefined, ...after });
  return occurrences.map(({ reason, note }) => `${reason} ${note}`);
}

test('a container that crashes is told once', () => {
  expect(told(status([well]), { containers: [crashed] })).toEqual(['BackOff web-0: exited with code 1']);
  expect(told(status([crashed]), { containers: [crashed] })).toEqual([]);
  expect(told(status([crashed]), { containers: [well] })).toEqual([]);
});

test('and told again when it has been restarted meanwhile, even if nobody saw that', () => {
  expect(told(status([crashed]), { containers: [{ ...crashed, restarts: 1 }] })).toHaveLength(1);
});

test('a probe that fails is told when it begins to', () => {
  expect(told(status([well]), { containers: [unready] })).toEqual(['Unhealthy web-0: HTTP 503']);
  expect(told(status([unready]), { containers: [unready] })).toEqual([]);
});

test('so is an image that cannot be had', () => {
  expect(told(undefined, { image })).toEqual(['Failed not found']);
  const known = { type: 'Ready', status: 'False', reason: 'ImagePullFailed', message: 'not found' } as const;
  expect(told(status([], [known]), { image })).toEqual([]);
});

test('so is a refusal', () => {
  expect(told(undefined, { conditions: [refused] })).toEqual(['Expired trust has ended']);
  expect(told(status([], [refused]), { conditions: [refused] })).toEqual([]);
});

test('what is about to start is no news', () => {
  expect(told(undefined, { containers: [{ ...crashed, reason: 'Starting', exitCode: undefined }] })).toEqual(
    [],
  );
});
