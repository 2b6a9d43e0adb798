import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ALICE, BOB, CAROL, deployment, trustedPeer } from '../../test/support/objects.ts';
import type { Applicable } from '../ports/store.ts';
import { Admission } from './admission.ts';
import { AdmittedStore } from './admitted-store.ts';
import { Ledger } from './ledger.ts';
import type { Ceiling } from './quota.ts';

const GRANT = {
  deploy: { maxDeployments: 3, maxReplicas: 5, resources: { cpu: '2', memory: '1Gi' } },
  logs: true,
};

interface World {
  store: MemoryStore;
  ledger: Ledger;
  as(caller: string): AdmittedStore;
}

function world(grants: MergePatch = GRANT, ceiling: Ceiling = {}, more: MergePatch = {}): World {
  const clock = new FakeClock('2026-06-01T00:00:00Z');
  const store = new MemoryStore({ clock });
  const ledger = new Ledger();
  const peers = [ALICE, BOB].map((peerID, index) =>
    trustedPeer(['alice', 'bob'][index]!, peerID, { grants, ...(more as object) }),
  );
  const admission = new Admission({ clock, ledger, trustedPeers: () => peers }, { ceiling });
  const self = { platform: 'linux/amd64', agentVersion: '0.1.0' };
  const finalizers = ['test/wait'];
  const as = (caller: string) => new AdmittedStore({ store, admission, self }, { caller, finalizers });
  return { store, ledger, as };
}

function manifest(name: string, spec: MergePatch = {}): Applicable<'Deployment'> {
  const { apiVersion, kind, metadata, spec: valid } = deployment(name, spec);
  return { apiVersion, kind, metadata: { name, namespace: metadata.namespace }, spec: valid };
}

const limits = (cpu: string, memory = '64Mi', image = 'nginx') => ({
  template: { spec: { containers: [{ name: 'c', image, resources: { limits: { cpu, memory } } }] } },
});

const key = (name: string) => ({ kind: 'Deployment', namespace: 'default', name }) as const;
const refusal = (cause: string, reason = 'Forbidden') => ({
  reason,
  details: expect.objectContaining({ cause }),
});

describe('a peer on this machine', () => {
  it('owns what it applies, and sees nothing of others', async () => {
    const { as, store } = world();
    await as(ALICE).apply(manifest('web'));
    await as(BOB).apply(manifest('web', { replicas: 2 }));
    expect((await as(ALICE).get(key('web')))?.spec.replicas).toBe(1);
    expect((await as(BOB).list('Deployment')).items.map(({ metadata }) => metadata.owner)).toEqual([BOB]);
    expect((await store.list('Deployment')).items).toHaveLength(2);
    await as(ALICE).delete(key('web'));
    expect(await as(BOB).get(key('web'))).toBeDefined();
  });

  it('creates an object with the finalizers of its controller, and leaves those of one that is there alone', async () => {
    const { as, store } = world();
    await as(ALICE).apply(manifest('web'));
    const own = { ...key('web'), owner: ALICE };
    expect((await store.get(own))?.metadata.finalizers).toEqual(['test/wait']);
    await store.patch(own, { metadata: { finalizers: ['test/other'] } });
    await as(ALICE).apply(manifest('web', { replicas: 2 }));
    expect((await store.get(own))?.metadata.finalizers).toEqual(['test/other']);
  });

  it('cannot name another owner', async () => {
    const { as } = world();
    await as(BOB).apply(manifest('web'));
    expect(await as(ALICE).get({ ...key('web'), owner: BOB })).toBeUndefined();
    expect((await as(ALICE).list('Deployment', { owner: BOB })).items).toEqual([]);
    const stolen = manifest('web');
    const { object } = await as(ALICE).apply({ ...stolen, metadata: { ...stolen.metadata, owner: BOB } });
    expect(object.metadata.owner).toBe(ALICE);
  });

  it('is shown its own grants and use, and not what the owner noted about it', async () => {
    const { as, ledger } = world();
    ledger.observe((await as(ALICE).apply(manifest('web'))).object);
    const { items } = await as(ALICE).list('TrustedPeer');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      metadata: { name: 'self' },
      spec: { peerID: ALICE, addresses: [], grants: { logs: true } },
      status: {
        platform: 'linux/amd64',
        usage: { deployments: 1, replicas: 1, cpu: '500m', memory: '256Mi' },
      },
    });
  });

  it('may write Deployments only', async () => {
    const { as } = world();
    const { apiVersion, spec } = trustedPeer('mallory', CAROL);
    await expect(
      as(ALICE).apply({ apiVersion, kind: 'TrustedPeer', metadata: { name: 'mallory' }, spec }),
    ).rejects.toMatchObject(refusal('NotGranted'));
    await expect(as(ALICE).delete({ kind: 'TrustedPeer', name: 'alice' })).rejects.toMatchObject(
      refusal('NotGranted'),
    );
    await expect(as(ALICE).patchStatus()).rejects.toMatchObject(refusal('NotGranted'));
  });
});

describe('who may not', () => {
  it('a stranger', async () => {
    const { as } = world();
    await expect(as(CAROL).list('Deployment')).rejects.toMatchObject(refusal('NotTrustedByPeer'));
    await expect(as(CAROL).apply(manifest('web'))).rejects.toMatchObject(refusal('NotTrustedByPeer'));
  });

  it('a peer whose trust has expired', async () => {
    const { as } = world(GRANT, {}, { expiresAt: '2026-05-31T00:00:00Z' });
    await expect(as(ALICE).get(key('web'))).rejects.toMatchObject(refusal('Expired'));
  });

  it('a peer without the deploy grant', async () => {
    const { as } = world({ logs: true });
    await expect(as(ALICE).apply(manifest('web'))).rejects.toMatchObject(refusal('NotGranted'));
    expect((await as(ALICE).list('Deployment')).items).toEqual([]);
  });
});

describe('what is not admitted', () => {
  it.each([
    [
      'more replicas than granted',
      { replicas: 6, ...limits('1m', '6Mi') },
      {},
      'QuotaExceeded',
      'spec.replicas',
    ],
    ['more cpu than granted', limits('2500m'), {}, 'QuotaExceeded', expect.stringContaining('limits.cpu')],
    [
      'more memory than granted',
      limits('1', '2Gi'),
      {},
      'QuotaExceeded',
      expect.stringContaining('limits.memory'),
    ],
    [
      'more than the machine lends',
      limits('2'),
      { nanoCPUs: 1e9 },
      'QuotaExceeded',
      expect.stringContaining('limits.cpu'),
    ],
    [
      'an image that is not allowed',
      limits('1', '64Mi', 'ghcr.io/alice-evil/x'),
      {},
      'ImageNotAllowed',
      expect.stringContaining('.image'),
    ],
    [
      'a capability that is not granted',
      {
        template: {
          spec: {
            containers: [
              { name: 'c', image: 'nginx', securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
            ],
          },
        },
      },
      {},
      'CapabilityNotAllowed',
      expect.stringContaining('capabilities.add'),
    ],
  ])('%s', async (_, spec, ceiling, cause, field) => {
    const grants = {
      ...GRANT,
      deploy: { ...GRANT.deploy, images: ['docker.io/library/*', 'ghcr.io/alice/*'] },
    };
    const { as, store } = world(grants, ceiling);
    await expect(as(ALICE).apply(manifest('web', spec as MergePatch))).rejects.toMatchObject({
      details: { cause, field },
    });
    expect((await store.list('Deployment')).items).toEqual([]);
  });

  it('a patch that leads beyond the quota', async () => {
    const { as } = world();
    await as(ALICE).apply(manifest('web', limits('500m')));
    await expect(as(ALICE).patch(key('web'), { spec: { replicas: 5 } })).rejects.toMatchObject(
      refusal('QuotaExceeded'),
    );
    expect((await as(ALICE).get(key('web')))?.spec.replicas).toBe(1);
  });

  it('a patch to a spec that is not valid', async () => {
    const { as } = world();
    await as(ALICE).apply(manifest('web'));
    await expect(as(ALICE).patch(key('web'), { spec: { replicas: -1 } })).rejects.toMatchObject(
      refusal('InvalidManifest', 'Invalid'),
    );
    await expect(as(ALICE).patch(key('web'), { spec: null })).rejects.toMatchObject({ reason: 'Invalid' });
  });
});

describe('quotas', () => {
  it('are not exceeded by requests that come at once', async () => {
    const { as } = world();
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((name) => as(ALICE).apply(manifest(name, limits('700m')))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });

  it('forget a reservation whose write failed or was a dry run', async () => {
    const { as, ledger } = world();
    await as(ALICE).apply(manifest('web', limits('2')), { dryRun: true });
    await expect(
      as(ALICE).apply(manifest('web', limits('2')), { resourceVersion: '99' }),
    ).rejects.toMatchObject({ reason: 'Conflict' });
    expect(ledger.total(ALICE)).toMatchObject({ deployments: 0, nanoCPUs: 0 });
    await as(ALICE).apply(manifest('web', limits('2')));
  });

  it('make room when a Deployment is stopped or goes', async () => {
    const { as, ledger } = world();
    const { object } = await as(ALICE).apply(manifest('web', limits('2')));
    ledger.observe(object);
    await expect(as(ALICE).apply(manifest('db', limits('1')))).rejects.toMatchObject(
      refusal('QuotaExceeded'),
    );
    ledger.observe(await as(ALICE).patch(key('web'), { spec: { state: 'Stopped' } }));
    const { object: db } = await as(ALICE).apply(manifest('db', limits('1')));
    ledger.observe(db);
    ledger.forget((await as(ALICE).delete(key('db'))) ?? db);
    expect(ledger.total(ALICE)).toMatchObject({ deployments: 1, replicas: 0 });
  });

  it('let a Deployment shrink even though it is already beyond a lowered grant', async () => {
    const { as, ledger, store } = world();
    const before = deployment('web', { replicas: 9, ...limits('1') }, { owner: ALICE });
    ledger.observe((await store.apply(before)).object);
    ledger.observe(await as(ALICE).patch(key('web'), { spec: { replicas: 7 } }));
    await expect(as(ALICE).patch(key('web'), { spec: { replicas: 8 } })).rejects.toMatchObject(
      refusal('QuotaExceeded'),
    );
  });

  it('are not fooled by an event of an older generation', async () => {
    const { as, ledger } = world();
    const { object: first } = await as(ALICE).apply(manifest('web', limits('500m')));
    ledger.observe(first);
    const second: Deployment = await as(ALICE).patch(key('web'), { spec: { replicas: 4 } });
    ledger.observe(first);
    expect(ledger.total(ALICE).replicas).toBe(4);
    ledger.observe(second);
    expect(ledger.total(ALICE).replicas).toBe(4);
  });
});
