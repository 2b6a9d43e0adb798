import {
  LIST_TIMEOUT_MS,
  MAX_LIST_PAGE,
  MAX_LOG_CONTAINERS,
  MAX_SHOWN,
} from '../../../api/protocol/limits.ts';
import type { RemoteObject } from '../../../api/protocol/messages.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import { deployment } from '../../../test/support/objects.ts';
import { answer, answerWith } from '../../../test/support/rpc-answers.ts';
import { collectGarbage } from '../../../test/support/rpc-heap.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { encodeFrame } from './frames.ts';
import { encodeJson } from './json.ts';
import { readLogs } from './logs.ts';
import { publish } from './published.ts';

/** More than all that is held on the way to a limit may not remain. */
const MAX_LEFT_BYTES = 10_000_000;

let peers: Peers;
beforeEach(async () => {
  peers = await startPeers();
});
afterEach(() => peers.stop());

const list = () => peers.remote.list('Deployment');

/** Makes the provider answer with pages that never end; answers how many it has been asked for. */
function showPages(
  items: readonly RemoteObject[],
  betweenPages: () => unknown = () => undefined,
): () => number {
  let pages = 0;
  answerWith(peers, async (re, seq) => {
    pages += 1;
    await betweenPages();
    return answer(peers, re, seq, { body: { type: 'list', items, resourceVersion: '1', continue: 'x' } });
  });
  return () => pages;
}

const small = publish(deployment('web'));

describe('a peer that shows too much', () => {
  it('of small objects is stopped at their number, by a message that names it and the limit', async () => {
    const pages = showPages(Array.from({ length: MAX_LIST_PAGE }, () => small));
    const { peerID } = peers.provider.identity;
    await expect(list()).rejects.toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: `peer ${peerID} shows more than 10000 deployments, which is more than is taken from a peer`,
      details: { cause: 'LimitExceeded' },
    });
    expect(pages()).toBe(MAX_SHOWN.Deployment.objects / MAX_LIST_PAGE + 1);
  }, 60_000);

  it('of large objects is stopped at their bytes', async () => {
    const args = Array.from({ length: 30 }, () => 'x'.repeat(30_000));
    const containers = [{ name: 'web', image: 'a/b', args }];
    const pages = showPages([publish(deployment('web', { template: { spec: { containers } } }))]);
    await expect(list()).rejects.toMatchObject({
      message: expect.stringContaining('more than 64 MiB of deployments'),
    });
    expect(pages()).toBeLessThan(80);
  }, 60_000);

  it('of one object a page, slowly, is stopped in time', async () => {
    const pages = showPages([small], () => peers.clock.advance(LIST_TIMEOUT_MS / 50));
    await expect(list()).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('a list took longer than 10 min'),
      details: { cause: 'PeerUnreachable' },
    });
    expect(pages()).toBe(51);
  });

  it('again and again leaves nothing in memory', async () => {
    showPages(Array.from({ length: MAX_LIST_PAGE }, () => small));
    await expect(list()).rejects.toThrow('10000 deployments');
    const before = await collectGarbage();
    for (let round = 0; round < 3; round++) await expect(list()).rejects.toThrow('10000 deployments');
    expect((await collectGarbage()) - before).toBeLessThan(MAX_LEFT_BYTES);
  }, 120_000);

  it('in the logs, of ever more containers, is stopped at their number', async () => {
    let container = 0;
    peers.provider.transport.handle(LOGS_PROTOCOL, async (channel) => {
      for (;;) {
        const lines = Array.from({ length: 100 }, () => ({
          container: `web-${container++}`,
          stream: 'stdout',
          timestamp: '2030-01-01T00:00:00Z',
          text: 'x',
        }));
        await channel.write(encodeFrame(encodeJson({ type: 'lines', lines })));
      }
    });
    const { developer, provider, clock } = peers;
    const query = { namespace: 'default', name: 'web', follow: true };
    const lines = readLogs(
      { ...developer, clock },
      provider.identity.peerID,
      query,
      AbortSignal.timeout(60_000),
    );
    let read = 0;
    const reading = (async () => {
      for await (const _ of lines) read += 1;
    })();
    await expect(reading).rejects.toMatchObject({
      message: expect.stringContaining(`the logs of more than ${MAX_LOG_CONTAINERS} containers`),
    });
    expect(read).toBe(MAX_LOG_CONTAINERS + 100);
  });
});
