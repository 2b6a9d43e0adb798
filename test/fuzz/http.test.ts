import fc from 'fast-check';
import { newCounters } from '../../agents/gateway/ingress/http1/observer.ts';
import { BAD_RESPONSES } from '../corpus/http/bad-responses.ts';
import { CHUNKS } from '../corpus/http/chunks.ts';
import { FRAMING } from '../corpus/http/framing.ts';
import { HOPS } from '../corpus/http/hops.ts';
import { HOSTS } from '../corpus/http/hosts.ts';
import { LINES } from '../corpus/http/lines.ts';
import { get } from '../corpus/http/message.ts';
import { REQUEST_LINES } from '../corpus/http/request-lines.ts';
import { RESPONSES } from '../corpus/http/responses.ts';
import { type Edge, startEdge, startRaw, talk, upstreamAt } from '../support/http-edge.ts';
import { type Judge, startJudge } from '../support/http-judge.ts';
import { damaged, itBoundsMemory } from './fuzz.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const RUNS = 300 * SCALE;

/** An exchange that takes longer hangs, in milliseconds: all time limits are shorter than that, or do not matter. */
const PATIENCE_MS = 5_000;

const latin1 = (text: string) => Buffer.from(text, 'latin1');

const requests = [CHUNKS, FRAMING, HOPS, HOSTS, LINES, REQUEST_LINES]
  .flat()
  .filter(([, , expected]) => typeof expected !== 'number')
  .map(([, sent]) => latin1(sent));

const LIMITS = {
  head: 1000,
  idle: 1000,
  requestBody: 1000,
  open: 1000,
  responseHead: 1000,
  responseBody: 1000,
  upgraded: 1000,
  stalled: 1000,
  halfClosed: 1000,
  linger: 1000,
};

describe('requests', () => {
  let judge: Judge;
  let edge: Edge;
  beforeAll(async () => {
    judge = await startJudge();
    edge = await startEdge({ route: () => upstreamAt(judge.port), limits: LIMITS });
  });
  afterAll(async () => {
    await edge.close();
    await judge.close();
  });

  it(
    `W2 G6 what is let through is as many requests as another parser finds, over ${RUNS} inputs`,
    () =>
      fc.assert(
        fc.asyncProperty(
          damaged(...requests, ...requests.map((one) => Buffer.concat([one, one]))),
          async (bytes) => {
            await judge.clear();
            Object.assign(edge.counters, newCounters());
            const started = performance.now();
            await talk(edge.port, Buffer.from(bytes).toString('latin1'));
            await judge.settle();
            expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
            expect(judge.complaints).toEqual([]);
            expect({ found: judge.requests.length, desyncs: edge.counters.desyncs }).toEqual({
              found: edge.counters.forwarded,
              desyncs: 0,
            });
          },
        ),
        { numRuns: RUNS },
      ),
    30_000 * SCALE,
  );
});

describe('responses', () => {
  let container: Awaited<ReturnType<typeof startRaw>>;
  let edge: Edge;
  let sent = latin1('');
  beforeAll(async () => {
    container = await startRaw((socket) => socket.once('data', () => socket.end(sent)));
    edge = await startEdge({ route: () => upstreamAt(container.port), limits: LIMITS });
  });
  afterAll(async () => {
    await edge.close();
    await container.close();
  });

  it(
    `W2 a container cannot make the edge crash, hang, or send two answers for one request, over ${RUNS} inputs`,
    () =>
      fc.assert(
        fc.asyncProperty(
          damaged(...[...RESPONSES, ...BAD_RESPONSES].map((response) => latin1(response.sent))),
          async (bytes) => {
            sent = Buffer.from(bytes);
            const started = performance.now();
            const answer = await talk(edge.port, get());
            expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
            expect(answer).toMatch(/^HTTP\/1.1 [1-5]\d\d/);
            expect(answer.match(/\r\nX-Request-Id: /g)).toHaveLength(1);
          },
        ),
        { numRuns: RUNS },
      ),
    30_000 * SCALE,
  );
});

itBoundsMemory();
