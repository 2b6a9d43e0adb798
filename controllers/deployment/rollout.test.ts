import { type Case, ending, planned, surge } from '../../test/envtest/deployment-plans.ts';
import { dead, NOW, old, running, UNREADY } from '../../test/envtest/deployment-samples.ts';

const young = { health: { ready: true, readySince: NOW, failed: false } };

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

describe.each(Object.entries({ updates, drifts }))('plan: %s', (_, rows) => {
  test.each(rows)('$what', (row) => {
    expect(planned(row)).toEqual(row.does);
  });
});
