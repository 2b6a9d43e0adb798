import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { findCondition } from '../../api/meta/condition.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { ALICE, deployment, trustedPeer } from '../../test/support/objects.ts';
import { endWorlds, expectSettled, startWorld, WEB } from '../../test/support/sync-world.ts';

afterEach(endWorlds);

const both = { replicas: 4, placement: { peers: ['alice', 'bob'] } };

describe('sync', () => {
  it('gives every peer its share and brings their status back', async () => {
    const it = await startWorld(both);
    await it.until(async () => {
      await it.alice.report();
      await it.bob.report();
      const { status } = await it.web();
      expect(status).toMatchObject({ readyReplicas: 4, observedGeneration: 1 });
      expect(findCondition(status?.conditions, 'Ready')?.status).toBe('True');
    });
    expect((await it.alice.get(WEB))?.spec).toMatchObject({ replicas: 2, placement: { peers: ['alice'] } });
    expect((await it.alice.get(WEB))?.metadata.uid).toBe((await it.web()).metadata.uid);
    expect(it.alice.writes).toEqual(['apply']);
    await expectSettled(it);
  });

  it('sends a change as the smallest diff', async () => {
    const it = await startWorld({});
    await it.until(async () => expect(it.alice.writes).toEqual(['apply']));
    await it.store.patch(WEB, { spec: { replicas: 3 } });
    await it.until(async () => expect(it.alice.writes).toEqual(['apply', 'patch {"spec":{"replicas":3}}']));
    await expectSettled(it);
  });

  it('sends the whole spec when the peer holds another than the diff is for', async () => {
    const it = await startWorld({});
    await it.until(async () => expect(it.alice.writes).toHaveLength(1));
    await MemoryStore.prototype.patch.call(it.alice, WEB, { spec: { minReadySeconds: 7 } });
    await it.until(async () => expect((await it.alice.get(WEB))?.spec.minReadySeconds).toBe(0));
    await expectSettled(it);
  });

  it('keeps a spec for a peer that is away, says so, and delivers it when the peer returns', async () => {
    const it = await startWorld(both);
    await it.until(async () => {
      await it.alice.report();
      await it.bob.report();
    });
    it.bob.goAway();
    await it.until(async () => {
      const { status } = await it.web();
      expect(findCondition(status?.conditions, 'Ready')).toMatchObject({
        status: 'Unknown',
        reason: 'PeerUnreachable',
      });
      expect(status?.readyReplicas).toBe(2);
    });
    await it.store.patch(WEB, { spec: { replicas: 6 } });
    await it.until(async () => {
      expect(findCondition((await it.web()).status?.conditions, 'Synced')).toMatchObject({
        status: 'False',
        reason: 'PeerUnreachable',
        message: expect.stringContaining('queued for bob'),
      });
      expect((await it.alice.get(WEB))?.spec.replicas).toBe(3);
    });
    expect((await it.bob.get(WEB))?.spec.replicas).toBe(2);
    it.bob.comeBack();
    await it.until(async () => expect((await it.bob.get(WEB))?.spec.replicas).toBe(3));
    await expectSettled(it);
  });

  it('sends again what a peer did not answer, though it hears of it otherwise', async () => {
    const { store, alice, clock, until, web } = await startWorld({});
    await until(async () => expect(await alice.get(WEB)).toBeDefined());
    alice.refusal = new StatusError('Timeout', 'no answer in time');
    await store.patch(WEB, { spec: { replicas: 2 } });
    await until(async () =>
      expect(findCondition((await web()).status?.conditions, 'Synced')?.status).toBe('False'),
    );
    alice.refusal = undefined;
    const begun = clock.now();
    await until(async () => expect((await alice.get(WEB))?.spec.replicas).toBe(2));
    expect(clock.now() - begun).toBeLessThan(30_000);
  });

  it('knows from others when a peer was seen that it has never reached itself', async () => {
    const aliceAwaySince = '2025-12-31T12:00:00.000Z';
    const { until, web } = await startWorld({}, { aliceAwaySince });
    await until(async () =>
      expect((await web()).status?.peers).toMatchObject([{ name: 'alice', lastContact: aliceAwaySince }]),
    );
  });

  it('says why a peer refuses, asks again later, and succeeds once it is allowed', async () => {
    const it = await startWorld({});
    it.alice.refusal = new StatusError('Forbidden', 'cpu: 5 would be in use of 4', {
      cause: 'QuotaExceeded',
    });
    await it.store.patch(WEB, { spec: { replicas: 2 } });
    await it.until(async () =>
      expect(findCondition((await it.web()).status?.conditions, 'Admitted')).toMatchObject({
        status: 'False',
        reason: 'QuotaExceeded',
      }),
    );
    it.alice.refusal = undefined;
    await it.until(async () => expect((await it.alice.get(WEB))?.spec.replicas).toBe(2));
  });

  it('names a TrustedPeer that does not exist, and goes on when it is added', async () => {
    const it = await startWorld({ placement: { peers: ['carol'] } });
    await it.until(async () =>
      expect(findCondition((await it.web()).status?.conditions, 'Ready')).toMatchObject({
        reason: 'PeerNotTrusted',
        message: expect.stringContaining('peerctl peers add'),
      }),
    );
    await it.store.apply(trustedPeer('carol', ALICE));
    await it.until(async () => expect(await it.alice.get(WEB)).toBeDefined());
  });

  it('takes the copy away from a peer that is no longer named', async () => {
    const it = await startWorld(both);
    await it.until(async () => expect((await it.web()).status?.peers).toHaveLength(2));
    await it.until(async () => expect(await it.bob.get(WEB)).toBeDefined());
    await it.store.patch(WEB, { spec: { placement: { peers: ['alice'] } } });
    await it.until(async () => {
      expect(await it.bob.get(WEB)).toBeUndefined();
      expect((await it.web()).status?.peers?.map(({ name }) => name)).toEqual(['alice']);
    });
    expect((await it.alice.get(WEB))?.spec.replicas).toBe(4);
    await expectSettled(it);
  });

  it('lets a deleted object go only when every peer has removed its copy', async () => {
    const it = await startWorld(both);
    await it.until(async () => expect(await it.bob.get(WEB)).toBeDefined());
    await MemoryStore.prototype.patch.call(it.bob, WEB, {
      metadata: { finalizers: ['peercompute.dev/containers'] },
    });
    await it.store.delete(WEB);
    await it.until(async () => expect(await it.alice.get(WEB)).toBeUndefined());
    expect(findCondition((await it.web()).status?.conditions, 'Ready')).toMatchObject({
      reason: 'Terminating',
    });
    await MemoryStore.prototype.patch.call(it.bob, WEB, { metadata: { finalizers: [] } });
    await it.until(async () => expect(await it.store.get(WEB)).toBeUndefined());
  });

  it('replaces the copy of an earlier object of the same name', async () => {
    const it = await startWorld({});
    await it.until(async () => expect(it.alice.writes).toEqual(['apply']));
    await it.store.patch(WEB, { metadata: { finalizers: [] } });
    await it.store.delete(WEB);
    await it.store.apply(deployment('web', { replicas: 2 }));
    await it.until(async () =>
      expect((await it.alice.get(WEB))?.metadata.uid).toBe((await it.web()).metadata.uid),
    );
    expect((await it.alice.get(WEB))?.spec.replicas).toBe(2);
    await expectSettled(it);
  });
});
