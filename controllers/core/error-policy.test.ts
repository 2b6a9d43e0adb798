import { StatusError, type StatusReason } from '../../api/meta/status-error.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../ports/runtime.ts';
import { ExitCode, exitCodeOf, policyOf, TerminalError } from './error-policy.ts';

function status(reason: StatusReason, cause?: string): StatusError {
  return new StatusError(reason, 'why', { cause });
}

const CASES: [what: string, error: unknown, expected: unknown[]][] = [
  ['a lost race', status('Conflict'), ['Conflict', 'soon', 'debug', 1]],
  ['an invalid object', status('Invalid'), ['Invalid', 'backOff', 'warn', 2]],
  ['a refusal', status('Forbidden'), ['Forbidden', 'backOff', 'warn', 4]],
  ['a full quota', status('Forbidden', Reason.QuotaExceeded), ['QuotaExceeded', 'backOff', 'warn', 4]],
  ['trust that has ended', status('Unauthorized', Reason.Expired), ['Expired', 'backOff', 'warn', 4]],
  ['a version that is too old', status('Expired'), ['Expired', 'backOff', 'info', 1]],
  [
    'a peer asleep',
    status('ServiceUnavailable', Reason.PeerUnreachable),
    ['PeerUnreachable', 'backOff', 'info', 5],
  ],
  [
    'a peer that does not know us',
    status('ServiceUnavailable', Reason.NotTrustedByPeer),
    ['NotTrustedByPeer', 'backOff', 'warn', 4],
  ],
  ['a cause nobody has heard of', status('TooManyRequests', 'Sunspots'), ['Sunspots', 'backOff', 'info', 4]],
  ['no answer in time', status('Timeout'), ['Timeout', 'backOff', 'info', 3]],
  ['a fault of ours', status('InternalError'), ['InternalError', 'backOff', 'error', 1]],
  [
    'Docker being down',
    new RuntimeError(Reason.RuntimeUnavailable, 'why'),
    ['RuntimeUnavailable', 'backOff', 'warn', 1],
  ],
  [
    'an image that will never run',
    new RuntimeError(Reason.RunAsRoot, 'why', { terminal: true }),
    ['RunAsRoot', 'never', 'warn', 1],
  ],
  [
    'what cannot be helped',
    new TerminalError(Reason.InvalidManifest, 'why'),
    ['InvalidManifest', 'never', 'warn', 2],
  ],
  ['a bug', new TypeError('x is undefined'), ['Error', 'backOff', 'error', 1]],
  ['something that is no error', 'why', ['Error', 'backOff', 'error', 1]],
];

describe('policyOf', () => {
  it.each(CASES)('%s', (_, error, expected) => {
    const { reason, requeue, level, exitCode } = policyOf(error);
    expect([reason, requeue, level, exitCode]).toEqual(expected);
  });
});

describe('exitCodeOf', () => {
  it.each([
    [Reason.PeerUnreachable, ExitCode.PeerUnreachable],
    [Reason.ImageNotAllowed, ExitCode.RefusedByPeer],
    [Reason.InvalidManifest, ExitCode.Usage],
    [Reason.CrashLoop, ExitCode.Failed],
  ])('%s ends peerctl with %i', (reason, expected) => {
    expect(exitCodeOf(reason)).toBe(expected);
  });
});
