import { matches, parseSelector } from './labels.ts';

const labels = { app: 'web', tier: 'front', 'example.com/team': 'red' };

describe('label selectors', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app!=web', false],
    ['app!=db', true],
    ['missing!=x', true],
    ['app=web,tier=back', false],
    ['app in (web, db)', true],
    ['app in (db),tier=front', false],
    ['app notin (db)', true],
    ['missing notin (x)', true],
    ['example.com/team', true],
    ['!app', false],
    ['!missing', true],
    ['constructor', false],
  ])('%s matches: %s', (text, expected) => {
    expect(matches(parseSelector(text), labels)).toBe(expected);
  });

  it.each(['a=b=c', '=x', 'a in b', 'a in (b', 'a b', '!!a', 'a=é'])('refuses %j', (text) => {
    expect(() => parseSelector(text)).toThrow(/is not a label selector/);
  });
});
