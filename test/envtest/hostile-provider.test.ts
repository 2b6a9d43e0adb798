import { REQUESTS } from '../../agents/adapters/rpc/message.ts';
import { publish } from '../../agents/adapters/rpc/published.ts';
import { SignedReader } from '../../agents/adapters/rpc/signed-reader.ts';
import { MAX_SHOWN } from '../../api/protocol/limits.ts';
import { STORE_PROTOCOL } from '../../api/protocol/protocols.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { answer } from '../support/rpc-answers.ts';
import { collectGarbage } from '../support/rpc-heap.ts';
import { type Peers, startPeers } from '../support/rpc-peers.ts';
import { silentLogger } from '../support/silent.ts';
import { happening } from '../support/store-objects.ts';

/** How often the peer is asked again after it has shown too much. */
const ROUNDS = 2 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

/** What a round may leave on the heap when the one before it left as much already, in bytes. */
const MAX_GROWTH = 4_000_000;

let shown = 0;

function another() {
  shown += 1;
  const { metadata, ...rest } = happening(`event-${shown}`, shown);
  const uid = `00000000-0000-4000-8000-${String(shown).padStart(12, '0')}`;
  const times = { creationTimestamp: '2030-01-01T00:00:00Z', generation: 1 };
  return publish({ ...rest, metadata: { ...metadata, ...times, uid, resourceVersion: `${shown}` } });
}

/** Makes the provider answer a list with nothing, and a watch with new Events for as long as anyone reads. */
function floodWatches(peers: Peers): void {
  const { provider, clock } = peers;
  provider.transport.handle(STORE_PROTOCOL, async (channel) => {
    const requests = new SignedReader({ channel, clock }, REQUESTS);
    for (let request = await requests.receive(); request; request = await requests.receive()) {
      const { nonce, verb } = request.claims;
      const nothing = { type: 'list', items: [], resourceVersion: '0' };
      if (verb === 'list')
        await channel.write(await answer(peers, nonce, request.position, { body: nothing }));
      for (let seq = 0; verb === 'watch'; seq++) {
        const body = { type: 'event', event: 'ADDED', object: another() };
        await channel.write(await answer(peers, nonce, seq, { body }));
      }
    }
  });
}

describe('a developer of a provider that tells of Events without end', () => {
  it(
    'holds as many as it may, round after round, in memory that stays flat',
    async () => {
      const peers = await startPeers();
      floodWatches(peers);
      const stop = new AbortController();
      const errors: Error[] = [];
      const informer = new Informer(
        { store: peers.remote, clock: peers.clock, logger: silentLogger },
        { kind: 'Event', peer: 'mallory', random: () => 0, onError: (error) => errors.push(error as Error) },
      );
      const running = informer.start(stop.signal);
      const left: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        while (errors.length < round) {
          await peers.clock.advance(1_000);
          // Signing and checking takes real time, and only a little of it in one turn of the loop.
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        expect(errors.at(-1)?.message).toMatch(/^peer mallory shows more than 2000 events/);
        expect(informer.list()).toHaveLength(MAX_SHOWN.Event.objects);
        left.push(await collectGarbage());
      }
      expect((left.at(-1) ?? 0) - (left[0] ?? 0)).toBeLessThan(MAX_GROWTH);
      stop.abort();
      await running;
      peers.stop();
    },
    120_000 * ROUNDS,
  );
});
