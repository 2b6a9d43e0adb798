import fc from 'fast-check';
import { formatBytes, formatCPU, parseQuantity, toBytes, toNanoCPUs } from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['256Mi', 256 * 1024 ** 2],
    ['256M', 256e6],
    ['1Ki', 1024],
    ['1k', 1000],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['.5G', 5e8],
    ['2.', 2],
    ['1e9', 1e9],
    ['1E3', 1000],
    ['12e-1', 2],
    ['100m', 1],
    ['8Pi', 8 * 1024 ** 5 > Number.MAX_SAFE_INTEGER ? Number.NaN : 8 * 1024 ** 5],
  ])('%s is %d bytes, rounded up', (text, bytes) => {
    if (Number.isNaN(bytes)) expect(() => toBytes(text)).toThrow(RangeError);
    else expect(toBytes(text)).toBe(bytes);
  });

  it.each([
    ['1', 1e9],
    ['500m', 5e8],
    ['0.1', 1e8],
    ['1u', 1000],
    ['1n', 1],
    ['0.0000000001', 1],
  ])('%s is %d billionths of a core', (text, nano) => {
    expect(toNanoCPUs(text)).toBe(nano);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    'NaN',
    'Infinity',
    '1Zi',
    '1mi',
    '1,5',
    '0x10',
    '1e',
    '1e999',
    '1__0',
    '１',
    '1Mi2',
    'e3',
    '.',
  ])('refuses %j', (text) => {
    expect(() => parseQuantity(text)).toThrow(/is not a quantity/);
  });

  it.each(['9007199254740992', '8Ei', '1e20'])(
    'refuses %s bytes, which a JSON number would change',
    (text) => {
      expect(() => toBytes(text)).toThrow(/too large/);
    },
  );

  it('shows a very long text clipped', () => {
    expect(() => parseQuantity('9x'.repeat(1000))).toThrow(/^"(9x){20}\.\.\." is not a quantity/);
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => toBytes(formatBytes(bytes)) === bytes));
    fc.assert(fc.property(fc.maxSafeNat(), (nano) => toNanoCPUs(formatCPU(nano)) === nano));
  });

  it('writes the usual spelling', () => {
    expect([
      formatCPU(2e9),
      formatCPU(5e8),
      formatBytes(256 * 1024 ** 2),
      formatBytes(1000),
      formatBytes(0),
    ]).toEqual(['2', '500m', '256Mi', '1000', '0']);
  });
});
