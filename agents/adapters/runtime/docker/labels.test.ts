import fc from 'fast-check';
import type { ContainerIdentity } from '../../../../controllers/ports/runtime.ts';
import { ALICE, BOB } from '../../../../test/support/objects.ts';
import { decodeIdentity, encodeIdentity } from './labels.ts';

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
const LABELS = encodeIdentity(ALICE, WEB);

describe('the labels of a container', () => {
  it('carry its identity there and back', () => {
    const numbers = { ordinal: fc.nat(999), attempt: fc.nat(1_000_000), backoffLevel: fc.nat(20) };
    const variants = fc.record({ ...numbers, owner: fc.constantFrom('', BOB), uid: fc.uuid() });
    fc.assert(
      fc.property(variants, (variant) => {
        const identity = { ...WEB, ...variant };
        expect(decodeIdentity(ALICE, encodeIdentity(ALICE, identity))).toEqual(identity);
      }),
    );
  });

  it('are all below peercompute.dev', () => {
    expect(Object.keys(LABELS).filter((label) => !label.startsWith('peercompute.dev/'))).toEqual([]);
  });

  it('say nothing to another agent', () => {
    expect(decodeIdentity(BOB, LABELS)).toBeUndefined();
  });

  it.each(Object.keys(LABELS))('mean nothing without %s', (label) => {
    const { [label]: _, ...rest } = LABELS;
    expect(decodeIdentity(ALICE, rest)).toBeUndefined();
  });

  it.each([
    ['owner', 'alice'],
    ['uid', ''],
    ['uid', 'a/b'],
    ['namespace', 'Default'],
    ['deployment', '-web'],
    ['ordinal', '02'],
    ['ordinal', '-1'],
    ['ordinal', '1e3'],
    ['ordinal', ''],
    ['attempt', '9999999999'],
    ['backoff-level', ' 1'],
    ['template-hash', '../x'],
  ])('mean nothing when %s is %j', (label, value) => {
    expect(decodeIdentity(ALICE, { ...LABELS, [`peercompute.dev/${label}`]: value })).toBeUndefined();
  });

  it('are refused for what could not be read back', () => {
    expect(() => encodeIdentity(ALICE, { ...WEB, ordinal: -1 })).toThrow('ordinal "-1"');
    expect(() => encodeIdentity(ALICE, { ...WEB, deployment: 'Web' })).toThrow(RangeError);
  });
});
