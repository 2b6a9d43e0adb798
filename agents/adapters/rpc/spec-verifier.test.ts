import { canonicalHash } from '../../../api/meta/canonical.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { BOB } from '../../../test/support/objects.ts';
import { forge } from '../../../test/support/rpc-forge.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { generateIdentity } from '../identity/identity.ts';
import { SpecVerifier } from './spec-verifier.ts';

const UID = '11111111-2222-4333-8444-555555555555';

describe('SpecVerifier', () => {
  let peers: Peers;
  let verifier: SpecVerifier;
  let signed: Deployment;
  beforeEach(async () => {
    peers = await startPeers();
    verifier = new SpecVerifier(peers.provider);
    await peers.remote.apply(web('web', {}, { uid: UID, generation: 1 }));
    signed = await stored();
  });
  afterEach(() => peers.stop());

  const stored = async () =>
    (await peers.store.get(webKey('web', { owner: peers.developer.identity.peerID }))) as Deployment;

  const withMeta = (metadata: Partial<Deployment['metadata']>): Deployment => ({
    ...signed,
    metadata: { ...signed.metadata, ...metadata },
  });

  /** The Deployment with another signature of its owner beside it. */
  const signedWith = async (claims: object): Promise<Deployment> => {
    const { developer, provider, clock } = peers;
    const sender = { identity: developer.identity, audience: provider.identity.peerID, now: clock.now() };
    const own = { verb: 'apply', uid: UID, generation: 1, result: canonicalHash(signed.spec) };
    const frame = await forge(sender, { claims: { ...own, ...claims } });
    const length = new DataView(frame.buffer).getUint32(4);
    return withMeta({ signature: Buffer.from(frame.subarray(8, 8 + length)).toString('base64') });
  };

  it('accepts what the owner applied, for as long as it says nothing newer', async () => {
    expect(await verifier.verify(signed)).toBeUndefined();
    await peers.clock.advance(365 * 86_400_000);
    expect(await verifier.verify(signed)).toBeUndefined();
    expect(await new SpecVerifier(peers.provider).verify(signed)).toBeUndefined();
  });

  it('accepts what the owner patched', async () => {
    const [base, result] = [signed.spec, { ...signed.spec, replicas: 3 }].map(canonicalHash);
    const options = { uid: UID, generation: 2, base, result };
    await peers.remote.patch(webKey('web'), { spec: { replicas: 3 } }, options);
    expect(await verifier.verify(await stored())).toBeUndefined();
  });

  it.each<[string, () => Deployment | Promise<Deployment>]>([
    ['a spec that was edited', () => ({ ...signed, spec: { ...signed.spec, replicas: 5 } })],
    ['no signature', () => withMeta({ signature: undefined })],
    ['no owner', () => withMeta({ owner: undefined })],
    ['another owner', () => withMeta({ owner: BOB })],
    ['another name', () => withMeta({ name: 'other' })],
    ['another namespace', () => withMeta({ namespace: 'other' })],
    ['another uid', () => withMeta({ uid: '99999999-2222-4333-8444-555555555555' })],
    ['a signature that is noise', () => withMeta({ signature: 'bm9pc2U=' })],
    ['a signature that is not base64', () => withMeta({ signature: '*'.repeat(100) })],
    ['a signature for another peer', () => signedWith({ aud: generateIdentity().peerID })],
    ['a signature of a dry run', () => signedWith({ dryRun: true })],
    [
      'a signature of a question',
      () => signedWith({ verb: 'get', uid: undefined, generation: undefined, result: undefined }),
    ],
    ['a signature of an Event', () => signedWith({ kind: 'Event' })],
  ])('refuses %s, also after it has accepted the original', async (_, forged) => {
    await verifier.verify(signed);
    const deployment = await forged();
    const problem = await verifier.verify(deployment);
    expect(problem).toEqual(expect.any(String));
    expect(await verifier.verify(deployment)).toBe(problem);
    expect(await verifier.verify(signed)).toBeUndefined();
  });

  it('answers from memory for what it has seen, and remembers only so many', async () => {
    const tampered = withMeta({ signature: 'AAAA' });
    await verifier.verify(signed);
    await verifier.verify(tampered);
    const started = performance.now();
    for (let index = 0; index < 200; index++) await verifier.verify(signed);
    const known = performance.now() - started;
    const again = performance.now();
    for (let index = 0; index < 200; index++) await new SpecVerifier(peers.provider).verify(signed);
    expect(known).toBeLessThan(performance.now() - again);
    for (let index = 0; index < 5_000; index++) await verifier.verify(withMeta({ signature: `A${index}` }));
    expect(await verifier.verify(signed)).toBeUndefined();
  });
});
