import fc from 'fast-check';
import { DNS_LABEL } from '../../api/meta/names.ts';
import { BOB } from '../../test/support/objects.ts';
import { alternativeHost, coversHost, generatedHost, isWithin } from './host.ts';

function spec(name: string, namespace = 'default') {
  return { owner: BOB, deployment: { namespace, name, uid: 'u', generation: 1 } };
}

const label = fc.stringMatching(DNS_LABEL).filter((text) => DNS_LABEL.test(text));

describe('generatedHost', () => {
  it.each([
    ['web', 'default', 'bob', 'web-bob.example.com'],
    ['web', 'shop', 'bob', 'web-shop-bob.example.com'],
  ])('makes of %s in %s by %s the name %s', (name, namespace, ownerName, expected) => {
    expect(generatedHost(spec(name, namespace), { domain: 'example.com', ownerName })).toBe(expected);
  });

  it('makes a valid name of any names, and so does its alternative', () => {
    fc.assert(
      fc.property(label, label, fc.option(label, { nil: undefined }), (name, namespace, ownerName) => {
        const route = spec(name, namespace);
        const host = generatedHost(route, { domain: 'example.com', ownerName });
        const alternative = alternativeHost(host, {
          ...route,
          expose: { port: 80, protocol: 'HTTP' },
          envelope: '',
        });
        for (const made of [host, alternative]) {
          expect(made.endsWith('.example.com')).toBe(true);
          expect(made.split('.')[0]).toMatch(DNS_LABEL);
        }
        expect(alternative).not.toBe(host);
      }),
    );
  });
});

describe('coversHost', () => {
  it.each([
    [['shop.example'], 'shop.example', true],
    [['*.shop.example'], 'a.shop.example', true],
    [['*.shop.example'], 'a.b.shop.example', false],
    [['*.shop.example'], 'shop.example', false],
    [['*.shop.example'], 'ashop.example', false],
    [[], 'shop.example', false],
  ])('with %j answers for %s: %s', (patterns, host, expected) => {
    expect(coversHost(patterns, host)).toBe(expected);
  });
});

describe('isWithin', () => {
  it.each([
    ['example.com', true],
    ['a.example.com', true],
    ['b.a.example.com', true],
    ['badexample.com', false],
    ['example.com.org', false],
    ['com', false],
  ])('answers for %s: %s', (host, expected) => {
    expect(isWithin('example.com', host)).toBe(expected);
  });
});
