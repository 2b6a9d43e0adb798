import { StatusError } from '../../api/meta/status-error.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import { exposureStatus, type Outcome } from './status.ts';

const SINCE = '2030-01-01T00:00:00.000Z';

/** What a gateway shows of a Route; without a reason it serves it. */
function shown(gateway: string, reason?: string): Outcome {
  const status = reason === undefined ? 'True' : 'False';
  const ready = { type: 'Ready', status, reason: reason ?? 'Ready', message: `it says ${status}` } as const;
  const route = {
    metadata: { generation: 1 },
    status: {
      observedGeneration: 1,
      url: `https://${gateway}/`,
      conditions: [{ ...ready, lastTransitionTime: SINCE }],
    },
  } as unknown as Route;
  return { gateway, route };
}

const silent = (gateway: string): Outcome => ({
  gateway,
  problem: new StatusError('ServiceUnavailable', 'no address answered', { cause: 'PeerUnreachable' }),
});

describe('what a Deployment says of its public address', () => {
  test.each<
    [string, Outcome[], { url: string | undefined; status: string; reason: string; message: string }]
  >([
    [
      'without a gateway',
      [],
      { url: undefined, status: 'False', reason: 'NoGateway', message: 'the provider has no such gateway' },
    ],
    [
      'one that serves it',
      [shown('a')],
      { url: 'https://a/', status: 'True', reason: 'Ready', message: 'a: it says True' },
    ],
    [
      'one that does not',
      [shown('a', 'HostNotAllowed')],
      { url: 'https://a/', status: 'False', reason: 'HostNotAllowed', message: 'a: it says False' },
    ],
    [
      'one of two',
      [silent('a'), shown('b')],
      { url: 'https://b/', status: 'True', reason: 'Ready', message: 'b: it says True; a does not answer' },
    ],
    [
      'both of two',
      [shown('a'), shown('b')],
      { url: 'https://a/', status: 'True', reason: 'Ready', message: 'a: it says True' },
    ],
    [
      'none of two',
      [silent('a'), shown('b', 'NotGranted')],
      { url: 'https://b/', status: 'False', reason: 'GatewayUnreachable', message: 'a does not answer' },
    ],
  ])('%s', (_, outcomes, { url, message, ...expected }) => {
    const { url: found, condition } = exposureStatus(outcomes);
    expect(found).toBe(url);
    expect(condition).toMatchObject({ type: 'Exposed', ...expected });
    expect(condition.message).toContain(message);
  });
});
