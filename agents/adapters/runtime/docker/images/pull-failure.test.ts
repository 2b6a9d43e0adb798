import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import { pullFailure, tooLarge } from './pull-failure.ts';

describe('pullFailure', () => {
  it.each([
    ['manifest for nginx:nope not found: manifest unknown: manifest unknown', 'no such image'],
    [
      "pull access denied for x, repository does not exist or may require 'docker login': denied",
      'or the registry wants a login',
    ],
    ['Head "https://r/v2/x": unauthorized: authentication required', 'the registry wants a login'],
    ['Get "https://r/v2/": dial tcp: lookup r on 10.0.0.2:53: no such host', 'does not resolve'],
    ['Get "https://r/v2/": dial tcp: lookup r: Temporary failure in name resolution', 'does not resolve'],
    ['Get "https://r/v2/": net/http: TLS handshake timeout', 'did not answer in time'],
    ['Get "https://r/v2/": context deadline exceeded', 'did not answer in time'],
    ['Get "https://r/v2/": x509: certificate signed by unknown authority', '/etc/docker/certs.d'],
    ['Get "https://r/v2/": http: server gave HTTP response to HTTPS client', 'insecure-registries'],
    ['dial tcp 127.0.0.1:1: connect: connection refused', 'cannot be reached'],
    ['toomanyrequests: You have reached your pull rate limit', 'limits pulls'],
    ['write /var/lib/docker/tmp/x: no space left on device', 'disk is full'],
  ])('of "%s" says what to do', (message, advice) => {
    const error = pullFailure('web:1', new Error(message));
    expect(error).toMatchObject({ reason: Reason.ImagePullFailed, terminal: false });
    expect(error.message).toMatch(/^image web:1 was not pulled: /);
    expect(error.message).toContain(message);
    expect(error.message).toContain(advice);
  });

  it('of another platform is terminal', () => {
    const cause = new Error('no matching manifest for linux/arm64/v8 in the manifest list entries');
    expect(pullFailure('web:1', cause)).toMatchObject({ reason: Reason.PlatformMismatch, terminal: true });
  });

  it('keeps what has a name', () => {
    const error = new RuntimeError(Reason.RuntimeUnavailable, 'away');
    expect(pullFailure('web:1', error)).toBe(error);
  });
});

test('tooLarge speaks in MiB', () => {
  expect(tooLarge('web:1', 3 * 1024 ** 2, 2 * 1024 ** 2).message).toContain(
    'has 3 MiB or more and this provider takes at most 2 MiB',
  );
});
