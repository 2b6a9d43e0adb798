import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalHash } from '../../../api/meta/canonical.ts';
import { RESPONSE_DOMAIN } from '../../../api/protocol/protocols.ts';
import { type Forgery, flipBit, forge } from '../../../test/support/rpc-forge.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { developerOf, outcomeOf } from '../../../test/support/rpc-stream.ts';
import { web } from '../../../test/support/store-objects.ts';
import { generateIdentity } from '../identity/identity.ts';
import { FileReplayLog } from './replay-log.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const ATTEMPTS = Math.min(2_000 * SCALE, 100_000);
const MINUTE = 60_000;
const NEWEST = 20;

describe('an attacker who has recorded everything', () => {
  let peers: Peers;
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'peercompute-replays-'));
    peers = await startPeers({ log: new FileReplayLog({ file: join(directory, 'replays.jsonl') }) });
  });
  afterEach(async () => {
    peers.stop();
    await rm(directory, { recursive: true });
  });

  const honest = () => developerOf(peers);

  /** What its owner would send to make the object that of a generation. */
  const apply = (generation: number): Forgery & { claims: Record<string, unknown> } => {
    const { spec } = web('web', { replicas: generation });
    const uid = '11111111-2222-4333-8444-555555555555';
    return {
      body: { metadata: {}, spec },
      claims: { verb: 'apply', uid, generation, result: canonicalHash(spec) },
    };
  };

  it(
    `W1 gets none of ${ATTEMPTS} forgeries accepted, also after a restart`,
    async () => {
      const recorded: Uint8Array[] = [];
      for (let generation = 1; generation <= NEWEST; generation++) {
        const bytes = await forge(honest(), apply(generation));
        expect(await outcomeOf(peers, bytes)).toMatchObject({ type: 'object' });
        recorded.push(bytes);
      }
      const before = await peers.store.list('Deployment');
      const next = apply(NEWEST + 1);
      const stranger = generateIdentity();
      const forgeries: ((attempt: number) => Promise<Uint8Array>)[] = [
        async (attempt) => recorded[attempt % recorded.length] as Uint8Array,
        (attempt) => forge(honest(), old(next, 6 * MINUTE + 1 + attempt)),
        () => forge({ ...honest(), audience: stranger.peerID }, next),
        () => forge(honest(), { ...next, domain: RESPONSE_DOMAIN }),
        (attempt) => forge(honest(), { ...next, tamper: (envelope) => flipBit(envelope, attempt * 7919) }),
        async (attempt) => flipBit(await forge(honest(), next), bodyBit(attempt)),
        (attempt) => forge(honest(), apply(1 + (attempt % (NEWEST - 1)))),
        () => forge({ ...honest(), identity: stranger }, next),
      ];
      let accepted = 0;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt === Math.floor(ATTEMPTS / 2)) await peers.restart();
        const make = forgeries[attempt % forgeries.length] as (attempt: number) => Promise<Uint8Array>;
        const outcome = await outcomeOf(peers, await make(attempt));
        if (outcome !== 'dropped' && outcome.type !== 'error') accepted++;
      }
      expect(accepted).toBe(0);
      expect(await peers.store.list('Deployment')).toEqual(before);
      expect(await outcomeOf(peers, await forge(honest(), next))).toMatchObject({ type: 'object' });
    },
    120_000 * SCALE,
  );

  /** The same message from `age` milliseconds ago. */
  function old(forgery: Forgery, age: number): Forgery {
    const iat = peers.clock.now() - age;
    return { ...forgery, claims: { ...forgery.claims, iat, exp: iat + MINUTE } };
  }

  /** A bit well behind the envelope. */
  function bodyBit(attempt: number): number {
    return (1000 + (attempt % 200)) * 8 + (attempt % 8);
  }
});
