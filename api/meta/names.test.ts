import { DNS_LABEL, nearest, PEER_ID } from './names.ts';

describe('names', () => {
  it.each([
    ['web', true],
    ['a', true],
    ['a-1', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['-a', false],
    ['a-', false],
    ['A', false],
    ['a.b', false],
    ['a/b', false],
    ['..', false],
    ['', false],
    ['a\n', false],
  ])('%j is a DNS label: %s', (name, valid) => {
    expect(DNS_LABEL.test(name)).toBe(valid);
  });

  it('knows an Ed25519 peer ID from other text', () => {
    expect(PEER_ID.test('12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')).toBe(true);
    expect(PEER_ID.test('QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N')).toBe(false);
  });

  it.each([
    ['imgae', 'image'],
    ['replica', 'replicas'],
    ['Deploymnet', 'Deployment'],
    ['volumes', undefined],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['image', 'replicas', 'Deployment', 'template'])).toBe(meant);
  });
});
