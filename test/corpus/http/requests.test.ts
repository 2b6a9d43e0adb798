import { newCounters } from '../../../agents/gateway/ingress/http1/observer.ts';
import { type Edge, startEdge, talk, upstreamAt } from '../../support/http-edge.ts';
import { type Judge, startJudge } from '../../support/http-judge.ts';
import { CHUNKS } from './chunks.ts';
import { FRAMING } from './framing.ts';
import { HOPS } from './hops.ts';
import { HOSTS } from './hosts.ts';
import { LIMITS } from './limits.ts';
import { LINES } from './lines.ts';
import type { HttpCase } from './message.ts';
import { REQUEST_LINES } from './request-lines.ts';

const CORPUS: Record<string, readonly HttpCase[]> = {
  framing: FRAMING,
  chunks: CHUNKS,
  lines: LINES,
  'request lines': REQUEST_LINES,
  hosts: HOSTS,
  hops: HOPS,
  limits: LIMITS,
};

const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;

let judge: Judge;
let edge: Edge;

beforeAll(async () => {
  judge = await startJudge();
  // Whatever Host says, there is one container.
  edge = await startEdge({ route: () => upstreamAt(judge.port) });
});
afterAll(async () => {
  await edge.close();
  await judge.close();
});
beforeEach(async () => {
  await judge.clear();
  Object.assign(edge.counters, newCounters());
});

/** What the container got of one connection, without the ids that differ from run to run. */
async function forwarded(): Promise<string> {
  await judge.settle();
  expect(judge.bytes.length).toBeLessThanOrEqual(1);
  return (judge.bytes[0] ?? '').replaceAll(UUID, 'ID');
}

/** Bar G6: the container's parser sees as many requests as ours has sent, complete, and finds nothing wrong with them. */
function expectNoDesync(requests: number): void {
  expect(judge.complaints).toEqual([]);
  expect(judge.requests.map(({ complete }) => complete)).toEqual(Array<boolean>(requests).fill(true));
  expect(edge.counters).toMatchObject({ forwarded: requests, desyncs: 0 });
}

describe.each(Object.entries(CORPUS))('G6 %s', (_, cases) => {
  it.each(cases)('%s', async (_name, sent, expected) => {
    const answer = await talk(edge.port, sent);
    const passed = await forwarded();
    if (typeof expected === 'number') {
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${expected} `));
      expect(answer).toMatch(/\r\nConnection: close\r\n/);
      expect(passed).toBe('');
      expectNoDesync(0);
    } else {
      expect(passed).toBe(expected.join(''));
      expectNoDesync(expected.length);
    }
  });
});

it('G6 has hundreds of cases', () => {
  expect(Object.values(CORPUS).flat().length).toBeGreaterThan(400);
});
