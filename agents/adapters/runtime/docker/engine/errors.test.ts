import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import { engineMessage, hasStatus, named, startFailure, unavailable } from './errors.ts';

const ADDRESS = 'unix:///var/run/docker.sock';

/** As the client throws it. */
function refusal(statusCode: number, message: string): Error {
  const error = new Error(`(HTTP code ${statusCode}) server error - ${message} `);
  return Object.assign(error, { statusCode, json: { message } });
}

describe('a connection that fails', () => {
  it.each([
    ['ECONNREFUSED', 'systemctl start docker'],
    ['ENOENT', 'install Docker or start it'],
    ['EACCES', 'usermod -aG docker'],
    ['ECONNRESET', 'may be restarting'],
  ])('with %s says what to do', (code, advice) => {
    const error = unavailable(ADDRESS, Object.assign(new Error(`connect ${code}`), { code }));
    expect(error).toMatchObject({ reason: Reason.RuntimeUnavailable, terminal: false });
    expect(error.message).toContain(ADDRESS);
    expect(error.message).toContain(advice);
  });

  it('for an unknown cause gives its words', () => {
    expect(unavailable(ADDRESS, new Error('socket hang up')).message).toContain('socket hang up');
  });
});

describe('a refusal', () => {
  it('is told by its status', () => {
    expect(hasStatus(refusal(404, 'x'), 304, 404)).toBe(true);
    expect(hasStatus(refusal(500, 'x'), 304, 404)).toBe(false);
    expect(hasStatus(new Error('x'), 404)).toBe(false);
  });

  it('is in the words of the engine', () => {
    expect(engineMessage(refusal(500, 'no - such - image'))).toBe('no - such - image');
    expect(engineMessage(new Error('(HTTP code 500) server error - plain '))).toBe('plain');
  });

  it('of the request itself is terminal', () => {
    expect(named(Reason.CreateFailed, 'what', refusal(400, 'invalid'))).toMatchObject({
      reason: Reason.CreateFailed,
      terminal: true,
      message: 'what: invalid',
    });
    expect(named(Reason.CreateFailed, 'what', refusal(500, 'busy')).terminal).toBe(false);
  });

  it('that has a name keeps it', () => {
    const error = new RuntimeError(Reason.RuntimeUnavailable, 'away');
    expect(named(Reason.CreateFailed, 'what', error)).toBe(error);
    expect(startFailure('web', error)).toBe(error);
  });
});

describe('a start that fails', () => {
  it.each([
    ['exec: "nope": executable file not found in $PATH: unknown', Reason.StartFailed, true, 'check command'],
    [
      'exec: "/etc/passwd": permission denied: unknown',
      Reason.StartFailed,
      true,
      'not executable for this user',
    ],
    [
      'unable to find user web: no matching entries in passwd file',
      Reason.StartFailed,
      true,
      'set runAsUser',
    ],
    ['Bind for 127.0.0.1:80 failed: port is already allocated', Reason.PortConflict, false, 'next attempt'],
    ['listen tcp4 127.0.0.1:80: bind: address already in use', Reason.PortConflict, false, 'next attempt'],
    ['the sky fell', Reason.StartFailed, false, 'the sky fell'],
  ])('with "%s" is %s', (message, reason, terminal, advice) => {
    const error = startFailure('web-0', refusal(500, message));
    expect(error).toMatchObject({ reason, terminal });
    expect(error.message).toMatch(/^container web-0 did not start: /);
    expect(error.message).toContain(advice);
  });
});
