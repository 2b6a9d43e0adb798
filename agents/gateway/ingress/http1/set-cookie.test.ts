import { withoutSharedDomain } from './set-cookie.ts';

const SHARED = ['example.com', 'apps.example.org'];

describe('a cookie', () => {
  it.each([
    ['a=b; Domain=example.com', 'a=b'],
    ['a=b; Domain=.example.com; Path=/', 'a=b; Path=/'],
    ['a=b; domain=EXAMPLE.com', 'a=b'],
    ['a=b;DOMAIN=example.com;Secure', 'a=b;Secure'],
    ['a=b; \t domain \t=\t example.com \t', 'a=b'],
    ['a=b; Domain=com', 'a=b'],
    ['a=b; Domain=.com.', 'a=b'],
    ['a=b; Domain=example.com.', 'a=b'],
    ['a=b; Domain=..example.com', 'a=b'],
    ['a=b; Domain="example.com"', 'a=b'],
    ['a=b; Domain=org', 'a=b'],
    ['a=b; Domain=example.org', 'a=b'],
    ['a=b; Domain=web.example.com; Domain=example.com', 'a=b; Domain=web.example.com'],
    ['a=b; Domain=example.com; Domain=example.com; HttpOnly', 'a=b; HttpOnly'],
    ['; Domain=example.com', ''],
  ])('%s becomes %s', (cookie, safe) => {
    expect(withoutSharedDomain(cookie, SHARED)).toBe(safe);
  });

  it.each([
    'a=b',
    'a=b; Path=/; Secure; HttpOnly; SameSite=Lax',
    'a=b; Domain=web.example.com',
    'a=b; Domain=other.test',
    'a=b; Domain=notexample.com',
    'a=b; Domain=xcom',
    'Domain=example.com',
    'domain=example.com; Path=/',
    'a=b; Path=/domain=example.com',
    'a=b; Domain',
    'a="x; y"; Path=/',
  ])('%s stays', (cookie) => {
    expect(withoutSharedDomain(cookie, SHARED)).toBe(cookie);
  });
});
