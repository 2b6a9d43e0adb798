import { findCondition } from '../../../api/meta/condition.ts';
import type { MergePatch } from '../../../api/meta/merge-patch.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { happening, web, webKey } from '../../../test/support/store-objects.ts';
import { openStore } from '../../../test/support/store-simulated.ts';
import { SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import type { DirectoryStore } from './directory-store.ts';

/** Every so many bytes a bit is flipped, and every so many the file is cut. */
const STRIDE = Math.max(1, Math.round(23 / Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1)));

const SIGNED = {
  uid: '11111111-1111-4111-8111-111111111111',
  signature: 'signed',
  finalizers: ['test/wait'],
};

/** A disk with everything a state directory can hold. */
async function fullDisk(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const store = openStore(disk);
  await store.apply(web('web', { replicas: 2 }, SIGNED));
  await store.patchStatus(webKey('web'), { replicas: 2 });
  await store.apply(web('web', { replicas: 3 }, SIGNED));
  await store.patchStatus(webKey('web'), { replicas: 3 });
  await store.apply(happening('event', 1));
  return disk;
}

function copy(disk: SimulatedDisk): SimulatedDisk {
  return disk.afterPowerLoss((count) => count - 1);
}

/** Every damage of a file that is tried: a name for it, and what is left. */
function* damages(bytes: Buffer): Generator<[string, Buffer]> {
  for (let at = 0; at < bytes.length; at += STRIDE) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    yield [`bit ${at % 8} of byte ${at} flipped`, flipped];
    yield [`cut after ${at} bytes`, bytes.subarray(0, at)];
  }
}

/** Damages one file in every way, and lets `check` look at the store that is opened on each. */
async function forEachDamage(
  path: string,
  check: (store: DirectoryStore, logger: FakeLogger, what: string, disk: SimulatedDisk) => Promise<void>,
): Promise<void> {
  const intact = await fullDisk();
  const bytes = intact.files().get(path);
  if (!bytes) throw new Error(`there is no ${path}`);
  for (const [what, damaged] of damages(bytes)) {
    const disk = copy(intact);
    disk.corrupt(path, damaged);
    const logger = new FakeLogger();
    await check(openStore(disk, 1, logger), logger, what, disk);
  }
}

async function intactWeb(): Promise<Deployment> {
  return (await openStore(await fullDisk()).get(webKey('web'))) as Deployment;
}

function quarantined(disk: SimulatedDisk): string[] {
  return [...disk.files().keys()].filter((path) => path.startsWith('/state/quarantine/'));
}

describe('a DirectoryStore with a damaged file', () => {
  const record = '/state/records/deployments/default/web.json';
  const status = '/state/status/deployments/default/web.json';

  it('S4 rebuilds a record from its manifest, with the identity that the status keeps a copy of', async () => {
    const intact = await intactWeb();
    await forEachDamage(record, async (store, logger, what, disk) => {
      const found = await store.get(webKey('web'));
      expect({ what, found }).toMatchObject({
        found: {
          spec: intact.spec,
          metadata: { ...SIGNED, creationTimestamp: intact.metadata.creationTimestamp },
        },
      });
      expect(found?.status).toMatchObject({ replicas: 3, conditions: [{ type: 'Parsed', status: 'False' }] });
      expect(found?.metadata.generation).toBeGreaterThan(intact.metadata.generation);
      expect(logger.at('error')).toMatchObject([
        { fields: { file: record, quarantine: quarantined(disk)[0] } },
      ]);
    });
  });

  it('S4 goes back to the status that an object had when it was last changed, where its status is damaged', async () => {
    const intact = await intactWeb();
    await forEachDamage(status, async (store, logger, what, disk) => {
      const { items } = await store.list('Deployment');
      const { spec, metadata } = intact;
      expect({ what, items }).toEqual({
        what,
        items: [
          {
            ...intact,
            metadata: { ...metadata, resourceVersion: expect.any(String) },
            status: { replicas: 2 },
          },
        ],
      });
      expect(Number(items[0]?.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
      expect(logger.at('warn')).toMatchObject([
        { fields: { file: status, quarantine: quarantined(disk)[0] } },
      ]);
      expect((await store.apply(web('web', spec as MergePatch, SIGNED))).operation).toBe('unchanged');
    });
  });

  it('S4 takes another version for an object that has lost its status, as watchers know the one it had', async () => {
    const disk = new SimulatedDisk();
    await openStore(disk).apply(web('web'));
    const { metadata } = await openStore(disk).patchStatus(webKey('web'), { replicas: 1 });
    disk.corrupt(status, Buffer.alloc(0));
    const found = await openStore(disk).get(webKey('web'));
    expect(found?.status).toBeUndefined();
    expect(Number(found?.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
  });

  it('S4 is well again after an identical apply, which leaves the manifest to the person who wrote it', async () => {
    const disk = await fullDisk();
    disk.corrupt(record, Buffer.alloc(0));
    const manifest = '/state/manifests/deployments/default/web.yaml';
    const { status: damaged } = (await openStore(disk).get(webKey('web'))) ?? {};
    expect(findCondition(damaged?.conditions, 'Parsed')).toBeDefined();
    const { ino } = disk.stat(manifest) ?? {};
    const { operation, object } = await openStore(disk).apply(web('web', { replicas: 3 }, SIGNED));
    expect({ operation, status: object.status }).toEqual({
      operation: 'configured',
      status: { replicas: 3 },
    });
    expect(disk.stat(manifest)?.ino).toBe(ino);
    expect((await openStore(disk).apply(web('web', { replicas: 3 }, SIGNED))).operation).toBe('unchanged');
  });

  it.each(['revision', 'journal'])(
    'S4 loses nothing by a damaged %s, and no version goes backwards',
    async (name) => {
      const intact = await intactWeb();
      await forEachDamage(`/state/${name}`, async (store, _, what) => {
        expect({ what, found: await store.get(webKey('web')) }).toEqual({
          what,
          found: { ...intact, metadata: expect.anything() },
        });
        await store.list('Deployment');
        const { metadata } = await store.patchStatus(webKey('web'), { replicas: 1 });
        expect(Number(metadata.resourceVersion)).toBeGreaterThan(Number(intact.metadata.resourceVersion));
      });
    },
  );

  it('S4 notices a file that was lost, or is an old one', async () => {
    const disk = await fullDisk();
    const oldRecord = disk.files().get(record) as Buffer;
    const oldStatus = disk.files().get(status) as Buffer;
    await openStore(disk).patch(webKey('web'), { metadata: { finalizers: ['test/other'] } });
    await openStore(disk).patchStatus(webKey('web'), { replicas: 2 });
    await openStore(disk).patch(webKey('web'), { metadata: { finalizers: ['test/another'] } });
    for (const damage of [() => disk.corrupt(status, oldStatus), () => disk.unlink(status)]) {
      damage();
      expect((await openStore(disk).get(webKey('web')))?.status).toEqual({ replicas: 2 });
    }
    disk.corrupt(record, oldRecord);
    expect((await openStore(disk).get(webKey('web')))?.status?.conditions).toMatchObject([
      { type: 'Parsed', status: 'False', message: `${record} is an old one` },
    ]);
  });

  it('S4 drops a damaged Event, and goes on', async () => {
    await forEachDamage('/state/records/events/default/event.json', async (store, logger, what) => {
      expect({ what, ...(await store.list('Event')) }).toMatchObject({ what, items: [] });
      expect(logger.at('error')).toHaveLength(1);
      expect((await store.apply(happening('event', 2))).operation).toBe('created');
    });
  });

  it('S4 takes a damaged manifest for an edit, and never for the end of the object', async () => {
    await forEachDamage('/state/manifests/deployments/default/web.yaml', async (store, _, what) => {
      const found = await store.get(webKey('web'));
      expect({ what, name: found?.metadata.name }).toEqual({ what, name: 'web' });
      expect((await store.apply(web('web', { replicas: 9 }))).object.spec.replicas).toBe(9);
    });
  });

  it('S4 takes over a damaged lock', async () => {
    const disk = await fullDisk();
    disk.close(disk.open('/state/lock', 'w'));
    expect((await openStore(disk).apply(web('web', { replicas: 7 }))).operation).toBe('configured');
  });

  it('S4 starts with every machine file damaged at once', async () => {
    const disk = await fullDisk();
    for (const [path, bytes] of disk.files())
      if (!path.startsWith('/state/manifests')) disk.corrupt(path, bytes.subarray(0, bytes.length / 2));
    const { items } = await openStore(disk).list('Deployment');
    expect(items).toMatchObject([{ metadata: { name: 'web', generation: 1 }, spec: { replicas: 3 } }]);
  });
});
