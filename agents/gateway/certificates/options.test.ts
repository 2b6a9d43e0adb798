import { parseDns, parseExternalAccount } from './options.ts';

describe('--acme-dns', () => {
  it.each([
    ['exec:/usr/local/bin/hook', { by: 'exec', file: '/usr/local/bin/hook' }],
    [
      'rfc2136:ns1.example.com,/etc/tsig.key',
      { by: 'rfc2136', host: 'ns1.example.com', port: 53, keyFile: '/etc/tsig.key' },
    ],
    ['rfc2136:192.0.2.1:5353,key', { by: 'rfc2136', host: '192.0.2.1', port: 5353, keyFile: 'key' }],
    ['rfc2136:[2001:db8::1]:53,key', { by: 'rfc2136', host: '2001:db8::1', port: 53, keyFile: 'key' }],
  ])('reads %s', (text, options) => {
    expect(parseDns(text)).toEqual(options);
  });

  it.each(['exec:hook', 'exec:', 'rfc2136:ns1', 'rfc2136:ns1:x,key', 'rfc2136:ns1:99999,key', 'route53', ''])(
    'refuses %j',
    (text) => {
      expect(() => parseDns(text)).toThrow('must be exec:/PATH or rfc2136:HOST[:PORT],KEYFILE');
    },
  );
});

describe('--acme-eab', () => {
  it('reads an identifier and a key', () => {
    expect(parseExternalAccount('kid:1:c2VjcmV0LV8')).toEqual({ kid: 'kid:1', key: 'c2VjcmV0LV8' });
  });

  it.each(['kid', ':key', 'kid:', 'kid:not a key'])('refuses %j without quoting it', (text) => {
    expect(() => parseExternalAccount(text)).toThrow(/^must be KID:KEY, as the CA shows them/);
  });
});
