import { canonicalHash } from '../../../api/meta/canonical.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { CAROL, trustedPeer } from '../../../test/support/objects.ts';
import { introduce, newPeer, type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { happening, web, webKey } from '../../../test/support/store-objects.ts';
import { RemoteStore } from './remote-store.ts';

const UID = '11111111-2222-4333-8444-555555555555';
const first = (spec = {}) => web('web', spec, { uid: UID, generation: 1 });

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

/** What the provider holds. */
async function held(): Promise<AnyObject | undefined> {
  return peers.store.get(webKey('web', { owner: peers.developer.identity.peerID }));
}

describe('what a peer keeps and shows', () => {
  it('keeps owner, uid, labels and the signature beside the spec, and shows no bookkeeping', async () => {
    const labels = { tier: 'front' };
    const annotations = { note: 'hello' };
    const given = web('web', {}, { uid: UID, generation: 1, labels, annotations });
    const { object } = await peers.remote.apply(given);
    const owner = peers.developer.identity.peerID;
    expect(await held()).toMatchObject({
      metadata: { owner, uid: UID, labels, annotations, signature: expect.any(String) },
      spec: given.spec,
    });
    expect(object.metadata).toEqual({
      name: 'web',
      namespace: 'default',
      uid: UID,
      generation: 1,
      resourceVersion: expect.any(String),
      creationTimestamp: expect.any(String),
      labels,
      annotations,
    });
  });

  it('shows the status, and that an object is being deleted', async () => {
    await peers.remote.apply(first());
    const key = webKey('web', { owner: peers.developer.identity.peerID });
    await peers.store.patch(key, { metadata: { finalizers: ['test/a'] } });
    await peers.store.patchStatus(key, { readyReplicas: 1 });
    await peers.remote.delete(webKey('web'), { uid: UID, gracePeriodSeconds: 5 });
    const shown = await peers.remote.get(webKey('web'));
    expect(shown).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) },
      status: { readyReplicas: 1 },
    });
    expect(shown?.metadata).not.toHaveProperty('finalizers');
    expect((await held())?.metadata.deletionGracePeriodSeconds).toBe(5);
  });

  it('keeps a spec as it was signed, without the defaults that only one side knows', async () => {
    const { minReadySeconds: _, ...spec } = web('web').spec;
    await peers.remote.apply({ ...first(), spec: spec as never });
    expect((await held())?.spec).toEqual(spec);
    expect(canonicalHash((await peers.remote.get(webKey('web')))?.spec)).toBe(canonicalHash(spec));
  });

  it('shows two owners who use the same name only their own', async () => {
    const other = newPeer(peers.network, peers.clock);
    introduce(peers.developer, peers.provider, other);
    await other.transport.start(new AbortController().signal);
    const { peerID } = peers.provider.identity;
    const theirs = new RemoteStore({ ...other, clock: peers.clock }, { peerID });
    await peers.remote.apply(first({ replicas: 2 }));
    await theirs.apply(first({ replicas: 3 }));
    expect((await peers.remote.list('Deployment')).items).toMatchObject([{ spec: { replicas: 2 } }]);
    await theirs.delete(webKey('web'), { uid: UID });
    expect(await theirs.get(webKey('web'))).toBeUndefined();
    expect(await peers.remote.get(webKey('web'))).toMatchObject({ spec: { replicas: 2 } });
  });

  it('shows a cluster-scoped kind without a namespace', async () => {
    const owner = peers.developer.identity.peerID;
    const { apiVersion, kind, spec } = trustedPeer('self', CAROL);
    await peers.store.apply({ apiVersion, kind, metadata: { name: 'self', owner }, spec });
    expect(await peers.remote.get({ kind: 'TrustedPeer', name: 'self' })).toMatchObject({
      spec: { peerID: CAROL },
    });
  });
});

describe('a patch', () => {
  const scale = (replicas: number, base: unknown) => ({
    patch: { spec: { replicas } },
    options: {
      uid: UID,
      generation: 2,
      base: canonicalHash(base),
      result: canonicalHash({ ...first().spec, replicas }),
    },
  });

  it('leads to the spec that was signed, and replaces the signature', async () => {
    await peers.remote.apply(first());
    const before = await held();
    const { patch, options } = scale(4, first().spec);
    expect(await peers.remote.patch(webKey('web'), patch, options)).toMatchObject({ spec: { replicas: 4 } });
    expect((await held())?.metadata.signature).not.toBe(before?.metadata.signature);
  });

  it('made for another spec is a Conflict: the whole spec must be sent', async () => {
    await peers.remote.apply(first());
    const { patch, options } = scale(4, first({ replicas: 9 }).spec);
    await expect(peers.remote.patch(webKey('web'), patch, options)).rejects.toMatchObject({
      reason: 'Conflict',
      details: { cause: 'base' },
    });
  });

  it('that leads elsewhere than was signed is a Conflict', async () => {
    await peers.remote.apply(first());
    const { options } = scale(4, first().spec);
    const patched = peers.remote.patch(webKey('web'), { spec: { replicas: 5 } }, options);
    await expect(patched).rejects.toMatchObject({ reason: 'Conflict', details: { cause: 'result' } });
  });
});

describe('what the other version does not know', () => {
  const shiny = () => ({ ...web('web').spec, shiny: true }) as never;

  it('in an apply is Invalid, and names field and version', async () => {
    await expect(peers.remote.apply({ ...first(), spec: shiny() })).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(/spec\.shiny: unknown field.*version 0\.1\.0, perhaps older/),
      details: { cause: 'InvalidManifest', field: 'spec.shiny' },
    });
  });

  it('in a patch is Invalid, and names field and version', async () => {
    await peers.remote.apply(first());
    const base = canonicalHash(first().spec);
    const options = { uid: UID, generation: 2, base, result: canonicalHash(shiny()) };
    await expect(peers.remote.patch(webKey('web'), { spec: { shiny: true } }, options)).rejects.toMatchObject(
      {
        reason: 'Invalid',
        message: expect.stringContaining('version 0.1.0'),
        details: { field: 'spec.shiny' },
      },
    );
  });

  it('as a label that no version allows is refused', async () => {
    const given = web('web', {}, { uid: UID, generation: 1, labels: { '../x': '1' } });
    await expect(peers.remote.apply(given)).rejects.toMatchObject({ reason: 'BadRequest' });
  });
});

describe('what never leaves this side', () => {
  it.each([
    [
      'a patch of labels',
      () => peers.remote.patch(webKey('web'), { metadata: { labels: { a: '1' } } }, {}),
      'Invalid',
    ],
    [
      'a patch without what it leads to',
      () => peers.remote.patch(webKey('web'), { spec: {} }, { uid: UID }),
      'Invalid',
    ],
    ['an apply without a uid', () => peers.remote.apply(web('web')), 'Invalid'],
    ['a name that climbs', () => peers.remote.get(webKey('../x')), 'Invalid'],
    ['a status', () => peers.remote.patchStatus(), 'Forbidden'],
    [
      "a question for someone else's objects",
      () => peers.remote.get(webKey('web', { owner: CAROL })),
      'Forbidden',
    ],
    [
      "a list of someone else's objects",
      () => peers.remote.list('Deployment', { owner: CAROL }),
      'Forbidden',
    ],
  ])('%s', async (_, ask, reason) => {
    await expect(ask()).rejects.toMatchObject({ reason });
    expect(await peers.remote.list('Deployment')).toMatchObject({ items: [] });
  });

  it('a spec that is too large, with the size that is allowed', async () => {
    const env = Array.from({ length: 40 }, (_, i) => ({ name: `A${i}`, value: 'x'.repeat(32_000) }));
    const containers = [{ name: 'web', image: 'a/b', env }];
    await expect(peers.remote.apply(first({ template: { spec: { containers } } }))).rejects.toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: expect.stringContaining('1048576'),
    });
    expect((await peers.remote.apply(first())).operation).toBe('created');
  });
});

describe('a list', () => {
  it('comes in pages and is whole, at the version of the first', async () => {
    const owner = peers.developer.identity.peerID;
    for (let index = 0; index < 1_201; index++) {
      const event = happening(`event-${String(index).padStart(4, '0')}`, index);
      await peers.store.apply({ ...event, metadata: { ...event.metadata, owner } });
    }
    const { items, resourceVersion } = await peers.remote.list('Event');
    expect(items.map(({ spec }) => spec.count)).toEqual(Array.from({ length: 1_201 }, (_, index) => index));
    expect(resourceVersion).toBe('1201');
  });

  it('of large objects comes in pages that fit', async () => {
    const env = Array.from({ length: 10 }, (_, i) => ({ name: `A${i}`, value: 'x'.repeat(32_000) }));
    const containers = [{ name: 'web', image: 'a/b', env }];
    for (const name of 'abcdef01') {
      const uid = UID.replace('1', name);
      await peers.remote.apply(web(name, { template: { spec: { containers } } }, { uid, generation: 1 }));
    }
    expect((await peers.remote.list('Deployment')).items).toHaveLength(8);
  });
});
