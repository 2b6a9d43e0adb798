import { registeredDomain, subjectOf } from './subject.ts';

describe('what a certificate is about', () => {
  it.each([
    ['web.example.com', undefined, 'web.example.com'],
    ['example.com', 'example.com', '*.example.com'],
    ['web.example.com', 'example.com', '*.example.com'],
    ['a.web.example.com', 'example.com', 'a.web.example.com'],
    ['shop.example.org', 'example.com', 'shop.example.org'],
  ])('%s with updates of %s: %s', (host, domain, id) => {
    expect(subjectOf(host, domain).id).toBe(id);
  });

  it.each([
    ['a.b.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['*.example.com', 'example.com'],
    ['a.example.co.uk', 'example.co.uk'],
    ['a.b.example.com.au', 'example.com.au'],
    ['a.example.berlin', 'example.berlin'],
  ])('counts %s towards %s', (name, domain) => {
    expect(registeredDomain(name)).toBe(domain);
  });
});
