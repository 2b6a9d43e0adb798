import { get, head } from '../../../../test/corpus/http/message.ts';
import { Forwarding } from './forwarded.ts';
import { RequestHeadReader } from './request-head.ts';
import { rewriteRequest } from './request-rewrite.ts';
import { ResponseHeadReader } from './response-head.ts';
import { type ResponsePolicy, rewriteResponse } from './response-rewrite.ts';

const ASKED = { method: 'GET', minor: 1, upgrade: false } as const;

function request(text: string, forwarding: Forwarding): string[] {
  const found = new RequestHeadReader().read(Buffer.from(text, 'latin1'));
  if (found?.kind !== 'head') throw new Error('no head');
  return rewriteRequest(found, { forwarding, requestID: '1' }).toString('latin1').split('\r\n');
}

function response(text: string, policy: ResponsePolicy): string[] {
  const found = new ResponseHeadReader().read(Buffer.from(text, 'latin1'), ASKED);
  if (found?.kind !== 'head') throw new Error('no head');
  const rewrite = { policy, requestID: '1', framing: found.declared, close: false };
  return rewriteResponse(found, rewrite).toString('latin1').split('\r\n');
}

describe('what the container is told of the client', () => {
  const CLAIMS = [
    'X-Forwarded-For: 203.0.113.9, 198.51.100.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: shop.example',
    'Forwarded: for=203.0.113.9',
  ];
  const client = { address: '192.0.2.7', protocol: 'https', trusted: false } as const;

  it('is what the gateway saw', () => {
    expect(request(get(...CLAIMS), new Forwarding(client)).slice(2, 6)).toEqual([
      'X-Forwarded-For: 192.0.2.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: web.example.com',
      'Forwarded: for=192.0.2.7;host="web.example.com";proto=https',
    ]);
  });

  it('is what a trusted proxy says, and where that stands', () => {
    expect(request(get(...CLAIMS), new Forwarding({ ...client, trusted: true })).slice(2, 6)).toEqual([
      'X-Forwarded-For: 203.0.113.9, 198.51.100.1, 192.0.2.7',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: shop.example',
      'Forwarded: for=203.0.113.9, for=192.0.2.7;host="web.example.com";proto=https',
    ]);
  });

  it('is what the gateway saw where a trusted proxy says nothing, or nonsense', () => {
    const claims = ['X-Forwarded-Proto: gopher', 'X-Forwarded-Host: a b'];
    expect(request(get(...claims), new Forwarding({ ...client, trusted: true })).slice(2, 6)).toEqual([
      'X-Forwarded-For: 192.0.2.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: web.example.com',
      'Forwarded: for=192.0.2.7;host="web.example.com";proto=https',
    ]);
  });

  it.each([
    ['2001:db8::7', '2001:db8::7', '"[2001:db8::7]"'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['::ffff:1', '::ffff:1', '"[::ffff:1]"'],
  ])('names %s as RFC 7239 wants it', (address, plain, node) => {
    const lines = request(get(), new Forwarding({ ...client, address }));
    expect(lines).toContain(`X-Forwarded-For: ${plain}`);
    expect(lines).toContain(`Forwarded: for=${node};host="web.example.com";proto=https`);
  });

  it('follows the Host from request to request', () => {
    const forwarding = new Forwarding(client);
    for (const host of ['a.example', 'b.example', 'a.example'])
      expect(request(head('GET / HTTP/1.1', `Host: ${host}`), forwarding)).toContain(
        `X-Forwarded-Host: ${host}`,
      );
  });
});

describe('what the client is told by the container', () => {
  const COOKIES = ['Set-Cookie: a=b; Domain=example.com', 'Set-Cookie: c=d', 'Set-Cookie: a=e'];
  const answer = head(
    'HTTP/1.1 200 OK',
    ...COOKIES,
    'Strict-Transport-Security: max-age=1',
    'Content-Length: 0',
  );

  it('sets no cookie for all tenants, and those it sets keep their order', () => {
    expect(response(answer, { sharedDomains: ['example.com'] })).toEqual([
      'HTTP/1.1 200 OK',
      'Strict-Transport-Security: max-age=1',
      'Set-Cookie: a=b',
      'Set-Cookie: c=d',
      'Set-Cookie: a=e',
      'X-Request-Id: 1',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it('stays as it is where no domain is shared', () => {
    expect(response(answer, { sharedDomains: [] }).slice(1, 5)).toEqual([
      ...COOKIES,
      'Strict-Transport-Security: max-age=1',
    ]);
  });

  it('says of HTTPS what the gateway says, where that says anything', () => {
    const lines = response(answer, { sharedDomains: [], strictTransportSecurity: 'max-age=63072000' });
    expect(lines.filter((line) => line.startsWith('Strict'))).toEqual([
      'Strict-Transport-Security: max-age=63072000',
    ]);
    expect(
      response(answer, { sharedDomains: ['example.com'], strictTransportSecurity: 'max-age=63072000' }),
    ).toEqual(expect.arrayContaining(['Set-Cookie: a=b', 'Strict-Transport-Security: max-age=63072000']));
  });
});
