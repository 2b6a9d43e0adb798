import { coversName, hostNames, isWithin, wildcardOf } from './names.ts';

describe('the names of a certificate', () => {
  it.each([
    ['a.example.com', '*.example.com'],
    ['a.b.example.com', '*.b.example.com'],
    ['localhost', '*localhost'],
    ['', '*'],
  ])('would cover %s by %s', (name, wildcard) => {
    expect(wildcardOf(name)).toBe(wildcard);
  });

  it.each([
    ['example.com', true],
    ['a.example.com', true],
    ['a.b.example.com', false],
    ['aexample.com', false],
    ['*.example.com', true],
  ])('example.com and *.example.com cover %s: %s', (host, covered) => {
    expect(coversName(['example.com', '*.example.com'], host)).toBe(covered);
  });

  it.each([
    ['example.com', true],
    ['a.b.example.com', true],
    ['notexample.com', false],
    ['example.com.evil.org', false],
    ['com', false],
  ])('has %s within example.com: %s', (name, within) => {
    expect(isWithin('example.com', name)).toBe(within);
  });

  it.each([
    ['DNS:a.example.com, DNS:*.B.example.com, IP Address:127.0.0.1', ['a.example.com', '*.b.example.com']],
    ['DNS:"evil, DNS:forged.example.com, \\"x", URI:https://x, DNS:a.example.com', ['a.example.com']],
    ['DNS:a..b, DNS:*.*.c, DNS:*, DNS:', []],
    [undefined, []],
  ])('reads %s as %j', (text, names) => {
    expect(hostNames(text)).toEqual(names);
  });
});
