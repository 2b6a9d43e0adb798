import { canonicalHash } from '../../../../api/meta/canonical.ts';
import { forge } from '../../../../test/support/rpc-forge.ts';
import { type Peers, startPeers } from '../../../../test/support/rpc-peers.ts';
import { causeOf, developerOf, outcomeOf } from '../../../../test/support/rpc-stream.ts';
import { web, webKey } from '../../../../test/support/store-objects.ts';

const UID = '11111111-2222-4333-8444-555555555555';

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

const honest = () => developerOf(peers);

describe('a write that is authentic but not the latest word', () => {
  const at = (generation: number, replicas: number) =>
    peers.remote.apply(web('web', { replicas }, { uid: UID, generation }));

  it('of an older generation: OlderGeneration, also when the spec is the same', async () => {
    await at(2, 1);
    for (const replicas of [1, 3])
      await expect(at(1, replicas)).rejects.toMatchObject({
        reason: 'Conflict',
        details: { cause: 'OlderGeneration' },
      });
  });

  it('of the same generation with another spec: SameGeneration', async () => {
    await at(2, 1);
    await expect(at(2, 3)).rejects.toMatchObject({
      reason: 'Conflict',
      details: { cause: 'SameGeneration' },
    });
  });

  it('of the same generation and spec changes nothing', async () => {
    const { object } = await at(2, 1);
    expect(await at(2, 1)).toEqual({ object, operation: 'unchanged' });
  });

  it('of a newer generation is taken, also when the spec is an earlier one', async () => {
    await at(2, 1);
    await at(3, 5);
    expect((await at(4, 1)).operation).toBe('configured');
  });

  it('as a patch: OlderGeneration', async () => {
    const { object } = await at(2, 1);
    const base = canonicalHash(object.spec);
    const result = canonicalHash({ ...object.spec, replicas: 7 });
    const options = { uid: UID, generation: 1, base, result };
    await expect(peers.remote.patch(webKey('web'), { spec: { replicas: 7 } }, options)).rejects.toMatchObject(
      {
        details: { cause: 'OlderGeneration' },
      },
    );
  });

  it('as a delete: OlderGeneration', async () => {
    await at(2, 1);
    const claims = { verb: 'delete', uid: UID, generation: 1 };
    expect(causeOf(await outcomeOf(peers, await forge(honest(), { claims })))).toBe('OlderGeneration');
  });

  it('may be tried: a dry run gives no generation away', async () => {
    await at(2, 1);
    const trial = await peers.remote.apply(web('web', { replicas: 4 }, { uid: UID, generation: 2 }), {
      dryRun: true,
    });
    expect(trial).toMatchObject({ operation: 'configured', object: { spec: { replicas: 4 } } });
  });

  it('is compared with words about the same object only', async () => {
    await at(5, 1);
    const uid = '99999999-2222-4333-8444-555555555555';
    await expect(peers.remote.apply(web('web', {}, { uid, generation: 1 }))).rejects.toMatchObject({
      reason: 'Conflict',
      details: { cause: 'uid' },
    });
  });

  it('counts anew for another object of the same name', async () => {
    await at(5, 1);
    await peers.remote.delete(webKey('web'));
    const uid = '99999999-2222-4333-8444-555555555555';
    expect((await peers.remote.apply(web('web', {}, { uid, generation: 1 }))).operation).toBe('created');
  });

  it('over another spec than was signed: ResultDiffers', async () => {
    const claims = { verb: 'apply', uid: UID, generation: 1, result: canonicalHash('another') };
    const body = { metadata: {}, spec: web('web').spec };
    expect(causeOf(await outcomeOf(peers, await forge(honest(), { claims, body })))).toBe('ResultDiffers');
  });
});
