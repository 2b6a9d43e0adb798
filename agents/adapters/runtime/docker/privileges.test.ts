import { container } from '../../../../api/v1alpha1/container.ts';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { ADDABLE_CAPABILITIES, BASELINE_CAPABILITIES, capabilitiesOf, userOf } from './privileges.ts';

function withContext(securityContext: object) {
  return container.parse({ name: 'main', image: 'web', securityContext });
}

describe('capabilitiesOf', () => {
  const baseline = [...BASELINE_CAPABILITIES];

  it.each([
    [{}, baseline],
    [{ drop: ['SETUID', 'SETGID'] }, ['CHOWN', 'DAC_OVERRIDE', 'FOWNER']],
    [{ drop: ['NET_RAW'] }, baseline],
    [{ drop: ['ALL'] }, []],
    [{ add: ['KILL'] }, [...baseline, 'KILL'].sort()],
    [{ add: ['CHOWN'] }, baseline],
    [{ add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, ['NET_BIND_SERVICE']],
  ])('makes of %j: %j', (capabilities, expected) => {
    expect(capabilitiesOf(withContext({ capabilities }))).toEqual(expected);
  });

  it.each(['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SYS_MODULE', 'DAC_READ_SEARCH', 'BPF', 'ALL'])(
    'never gives %s',
    (capability) => {
      expect(ADDABLE_CAPABILITIES).not.toContain(capability);
      expect(() => capabilitiesOf(withContext({ capabilities: { add: [capability] } }))).toThrow(
        expect.objectContaining({ reason: Reason.CapabilityNotAllowed, terminal: true }),
      );
    },
  );
});

describe('userOf', () => {
  it.each([
    ['', {}, ''],
    ['redis:redis', {}, 'redis:redis'],
    ['redis:redis', { runAsUser: 7 }, '7'],
    ['redis', { runAsGroup: 8 }, 'redis:8'],
    ['', { runAsGroup: 8 }, '0:8'],
    ['redis:redis', { runAsUser: 7, runAsGroup: 8 }, '7:8'],
    ['', { runAsUser: 0 }, '0'],
    ['1000', { runAsNonRoot: true }, '1000'],
    ['root', { runAsNonRoot: true, runAsUser: 7 }, '7'],
  ])('makes of the image\'s "%s" and %j: "%s"', (imageUser, securityContext, expected) => {
    expect(userOf(withContext(securityContext), imageUser)).toBe(expected);
  });

  it.each([
    ['', {}, 'as root'],
    ['root', {}, 'as root'],
    ['0:1000', {}, 'as root'],
    ['000', {}, 'as root'],
    ['1000', { runAsUser: 0 }, 'as root'],
    ['nginx', {}, 'as "nginx"'],
  ])('refuses the image\'s "%s" and %j where root is refused', (imageUser, securityContext, expected) => {
    const spec = withContext({ ...securityContext, runAsNonRoot: true });
    expect(() => userOf(spec, imageUser)).toThrow(
      expect.objectContaining({
        reason: Reason.RunAsRoot,
        terminal: true,
        message: expect.stringContaining(expected),
      }),
    );
  });
});
