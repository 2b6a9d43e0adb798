import { StatusError } from '../../api/meta/status-error.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { ALICE, deployment } from '../../test/support/objects.ts';
import { CommandLine } from '../../test/support/peerctl-command-line.ts';
import { readyStatus } from '../../test/support/peerctl-statuses.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
const DB = { ...WEB, name: 'db' };

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  for (const name of ['web', 'db']) {
    const { object } = await store.apply(deployment(name, { replicas: 2 }, { labels: { app: name } }));
    await store.patchStatus({ ...WEB, name }, readyStatus(object));
  }
});
afterEach(() => machine.close());

describe('scale, stop, start and restart', () => {
  it.each([
    [['scale', 'web', '--replicas', '3'], 'scaled', { replicas: 3, state: 'Running' }],
    [['stop', 'deploy/web'], 'stopped', { replicas: 2, state: 'Stopped' }],
    [['start', 'deploy', 'web'], 'started', { replicas: 2, state: 'Running' }],
  ])('%j patches the spec, says so, and follows it', async (args, past, spec) => {
    expect(await machine.run(...args)).toEqual({ code: 0, stdout: `deployment/web ${past}\n`, stderr: '' });
    expect((await store.get(WEB))?.spec).toMatchObject(spec);
    expect((await store.get(DB))?.metadata.generation).toBe(1);
  });

  it('restarts by an annotation of the template that is new each time', async () => {
    await machine.run('restart', 'web');
    const first = (await store.get(WEB))?.spec.template;
    await machine.clock.advance(5);
    await machine.run('restart', 'web');
    const second = (await store.get(WEB))?.spec.template;
    expect(first?.metadata?.annotations).toEqual({
      'peercompute.dev/restartedAt': '2030-01-01T00:00:00.000Z',
    });
    expect(second).not.toEqual(first);
    expect(second?.spec).toEqual(first?.spec);
  });

  it('does not restart what is stopped, nor anything else of the same line', async () => {
    await machine.run('stop', 'web');
    expect(await machine.run('restart', 'db', 'web')).toMatchObject({
      code: 1,
      stderr: 'error: deployment "web" is stopped: "peerctl start web" starts it\n',
    });
    expect((await store.get(DB))?.metadata.generation).toBe(1);
  });

  it('takes several by name, by label, or all', async () => {
    expect((await machine.run('stop', 'web', 'db')).stdout).toBe(
      'deployment/web stopped\ndeployment/db  stopped\n',
    );
    expect((await machine.run('start', '-l', 'app=db')).stdout).toBe('deployment/db started\n');
    expect((await machine.run('start', '--all')).stdout).toBe(
      'deployment/db  started\ndeployment/web started\n',
    );
  });

  it.each([
    [['stop'], 'name a deployment, or say --all'],
    [['stop', 'deploy'], 'name a deployment, or say --all'],
    [['stop', 'peer/alice'], 'this is for deployments'],
    [['scale', 'web'], 'say how many: --replicas N'],
    [['scale', 'web', '--replicas', '1.5'], 'must be a whole number'],
  ])('refuses %j', async (args, message) => {
    expect(await machine.run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('changes nothing when one of the names is wrong', async () => {
    expect(await machine.run('scale', 'web', 'nope', '--replicas', '9')).toMatchObject({ code: 1 });
    expect((await store.get(WEB))?.spec.replicas).toBe(2);
  });

  it('says what is wrong with a value that the schema refuses', async () => {
    expect(await machine.run('scale', 'web', '--replicas', '1001')).toMatchObject({
      code: 2,
      stderr: 'error: spec.replicas: must be at most 1000\n',
    });
  });

  it("leaves guests' Deployments alone", async () => {
    await store.apply(deployment('guest', {}, { owner: ALICE }));
    expect(await machine.run('stop', 'guest')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('belongs to 12D3KooWDpJ7...'),
    });
  });

  it('waits only for delivery with --wait=false', async () => {
    machine.session.reach = async (key, signal) => {
      const web = await store.get(key);
      const peers = [{ name: 'alice', deliveredGeneration: web?.metadata.generation, conditions: [] }];
      await store.patchStatus(key, { peers } as never);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    expect(await machine.run('scale', 'web', '--replicas', '3', '--wait=false')).toMatchObject({ code: 0 });
  });
});

describe('peerctl delete', () => {
  it('deletes, and waits for the peers to let go', async () => {
    await store.patch(WEB, { metadata: { finalizers: ['peercompute.dev/sync'] } });
    expect(await machine.run('delete', 'web')).toEqual({
      code: 0,
      stdout: 'deployment/web deleted\n',
      stderr: '',
    });
    expect(machine.session.calls).toEqual(['deliver web']);
    expect(await store.get(WEB)).toBeUndefined();
  });

  it('asks no peer for what none has', async () => {
    await machine.run('delete', 'deploy', 'web', 'db');
    expect(machine.session.calls).toEqual([]);
  });

  it('ends with 5 when a peer does not answer, and the delete stays', async () => {
    await store.patch(WEB, { metadata: { finalizers: ['peercompute.dev/sync'] } });
    machine.session.reach = async (key) => {
      const conditions = [
        {
          type: 'Synced',
          status: 'False',
          reason: 'PeerUnreachable',
          message: 'no answer',
          lastTransitionTime: '2030-01-01T00:00:00Z',
        },
      ];
      await store.patchStatus(key, { observedGeneration: 1, conditions } as never);
    };
    expect(await machine.run('delete', 'web')).toMatchObject({ code: 5, stdout: 'deployment/web deleted\n' });
    expect((await store.get(WEB))?.metadata.deletionTimestamp).toBeDefined();
  });

  it('passes a grace period on', async () => {
    await store.patch(WEB, { metadata: { finalizers: ['x/y'] } });
    machine.session.reach = async () => {};
    await machine.run('delete', 'web', '--force', '--timeout', '0');
    expect((await store.get(WEB))?.metadata.deletionGracePeriodSeconds).toBe(0);
  });

  it('takes labels, all of a kind, and manifests', async () => {
    machine.file('web.yaml', JSON.stringify({ ...deployment('web'), metadata: { name: 'web' } }));
    expect((await machine.run('delete', 'deploy', '-l', 'app=db')).stdout).toBe('deployment/db deleted\n');
    expect((await machine.run('delete', '-f', 'web.yaml')).stdout).toBe('deployment/web deleted\n');
    expect((await store.list('Deployment')).items).toEqual([]);
    expect(await machine.run('delete', 'deploy', '--all')).toMatchObject({
      code: 0,
      stderr: 'No resources found.\n',
    });
  });

  it('deletes nothing when one of the names is wrong, unless that is allowed', async () => {
    expect(await machine.run('delete', 'web', 'nope')).toMatchObject({ code: 1, stdout: '' });
    expect(await machine.run('delete', 'web', 'nope', '--ignore-not-found')).toMatchObject({
      code: 0,
      stdout: 'deployment/web deleted\n',
    });
  });

  it.each([[[]], [['deploy']], [['web', '-f', 'x.yaml']], [['deploy', '-n', 'x']]])(
    'refuses %j',
    async (args) => {
      expect(await machine.run('delete', ...args)).toMatchObject({ code: 2, stdout: '' });
      expect((await store.list('Deployment')).items).toHaveLength(2);
    },
  );
});

describe('peerctl rollout status', () => {
  it('says when it is done', async () => {
    expect(await machine.run('rollout', 'status', 'web')).toMatchObject({
      code: 0,
      stdout: 'deployment "web" successfully rolled out\n',
    });
  });

  it('ends with the reason when it is not', async () => {
    await store.patch(WEB, { spec: { replicas: 3 } });
    machine.session.reach = async () =>
      Promise.reject(new StatusError('ServiceUnavailable', 'alice is asleep', { cause: 'PeerUnreachable' }));
    expect(await machine.run('rollout', 'status', 'web')).toMatchObject({
      code: 5,
      stderr: 'error: alice is asleep\n',
    });
  });
});
