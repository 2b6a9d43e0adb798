import type { Socket } from 'node:net';
import { newCounters } from '../../../agents/gateway/ingress/http1/observer.ts';
import { type Edge, startEdge, startRaw, talk, upstreamAt } from '../../support/http-edge.ts';
import { BAD_RESPONSES } from './bad-responses.ts';
import { get } from './message.ts';
import { RESPONSES } from './responses.ts';

const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;

let container: Awaited<ReturnType<typeof startRaw>>;
let edge: Edge;
let sent = '';

beforeAll(async () => {
  container = await startRaw((socket: Socket) => {
    socket.once('data', () => socket.end(sent, 'latin1'));
  });
  edge = await startEdge({ route: () => upstreamAt(container.port) });
});
afterAll(async () => {
  await edge.close();
  await container.close();
});
beforeEach(() => {
  Object.assign(edge.counters, newCounters());
  edge.records.length = 0;
});

describe('G6 responses', () => {
  it.each([...RESPONSES, ...BAD_RESPONSES])('$name', async (response) => {
    sent = response.sent;
    const { gets, cut, surplus, request = get() } = response;
    const answer = (await talk(edge.port, request)).replaceAll(UUID, 'ID');
    if (typeof gets === 'number') expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${gets} Bad Gateway\r\n`));
    else expect(answer).toBe(gets);
    expect(edge.counters.desyncs).toBe(surplus ? 1 : 0);
    const wrong = gets === 502 || cut === true || surplus === true;
    expect(edge.records.map(({ reason }) => reason !== undefined)).toEqual([wrong]);
  });
});
