import fc from 'fast-check';
import { DNS_LABEL } from '../../../../api/meta/names.ts';
import type { ContainerIdentity } from '../../../../controllers/ports/runtime.ts';
import { ALICE, BOB } from '../../../../test/support/objects.ts';
import { containerName, hostName, networkName } from './names.ts';

const WEB: ContainerIdentity = {
  owner: BOB,
  uid: '7b0c3c52-7a0f-4a53-9c5e-0c6f0c1f3b11',
  namespace: 'default',
  deployment: 'web',
  ordinal: 2,
  templateHash: '0123456789abcdef',
  attempt: 3,
  backoffLevel: 1,
};

/** The longest and strangest identities that there can be. */
const anyIdentity: fc.Arbitrary<ContainerIdentity> = fc.record({
  owner: fc.constantFrom('', BOB),
  uid: fc.uuid(),
  namespace: fc.stringMatching(new RegExp(DNS_LABEL)),
  deployment: fc.stringMatching(new RegExp(DNS_LABEL)),
  ordinal: fc.nat(1000),
  templateHash: fc.stringMatching(/^[0-9a-f]{64}$/),
  attempt: fc.nat(1_000_000),
  backoffLevel: fc.nat(9),
});

describe('containerName', () => {
  it('shows what a person looks for first', () => {
    expect(containerName(ALICE, WEB)).toMatch(/^web-2-01234567-3-[0-9a-f]{8}$/);
  });

  it('is one that Docker takes', () => {
    fc.assert(
      fc.property(anyIdentity, (identity) => {
        expect(containerName(ALICE, identity)).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/);
      }),
    );
  });

  it.each<[string, Partial<ContainerIdentity>]>([
    ['owner', { owner: '' }],
    ['uid', { uid: '00000000-0000-4000-8000-000000000000' }],
    ['namespace', { namespace: 'other' }],
    ['deployment', { deployment: 'db' }],
    ['ordinal', { ordinal: 0 }],
    ['template', { templateHash: 'fedcba9876543210' }],
    ['attempt', { attempt: 4 }],
  ])('differs with the %s', (_, difference) => {
    expect(containerName(ALICE, { ...WEB, ...difference })).not.toBe(containerName(ALICE, WEB));
  });

  it('differs with the agent, and not with the back-off', () => {
    expect(containerName(BOB, WEB)).not.toBe(containerName(ALICE, WEB));
    expect(containerName(ALICE, { ...WEB, backoffLevel: 5 })).toBe(containerName(ALICE, WEB));
  });
});

describe('hostName', () => {
  it('is a DNS label', () => {
    fc.assert(fc.property(anyIdentity, (identity) => expect(hostName(identity)).toMatch(DNS_LABEL)));
    expect(hostName(WEB)).toBe('web-2');
  });
});

describe('networkName', () => {
  it('is one per agent, owner and namespace', () => {
    const names = [
      networkName(ALICE, BOB, 'default'),
      networkName(ALICE, BOB, 'other'),
      networkName(ALICE, '', 'default'),
      networkName(BOB, BOB, 'default'),
    ];
    expect(new Set(names.map(({ network }) => network)).size).toBe(names.length);
    expect(new Set(names.map(({ bridge }) => bridge)).size).toBe(names.length);
  });

  it('gives the bridge a name that Linux takes', () => {
    expect(networkName(ALICE, BOB, 'default').bridge).toMatch(/^pcn-[0-9a-f]{10}$/);
  });
});
