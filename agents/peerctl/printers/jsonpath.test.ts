import fc from 'fast-check';
import { UsageError } from '../errors.ts';
import { compilePath, compileTemplate } from './jsonpath.ts';

const LIST = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'web', labels: { 'app.io/x': '1' } },
      status: { ready: 2, conditions: [{ type: 'Ready', ok: true }] },
    },
    { metadata: { name: 'db' }, status: { ready: 0, conditions: [{ type: 'Ready', ok: false }] } },
  ],
};

describe('compileTemplate', () => {
  it.each([
    ['{.kind}', 'List'],
    ['{$.kind}', 'List'],
    ['{.items[0].metadata.name}', 'web'],
    ['{.items[-1].metadata.name}', 'db'],
    ['{.items[*].metadata.name}', 'web db'],
    ['{.items[*].status.ready}', '2 0'],
    ["{.items[0].metadata.labels['app.io/x']}", '1'],
    ['{.items[0].metadata.labels.app\\.io/x}', '1'],
    ['{.items[?(@.metadata.name=="db")].status.ready}', '0'],
    ['{.items[?(@.status.ready>0)].metadata.name}', 'web'],
    ['{.items[?(@.metadata.labels)].metadata.name}', 'web'],
    ['{.items[*].status.conditions[?(@.ok==false)].type}', 'Ready'],
    ['{..name}', 'web db'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.status.ready}{"\\n"}{end}', 'web\t2\ndb\t0\n'],
    ['name: {.items[1].metadata.name}!', 'name: db!'],
    ['{.items[0].metadata.labels}', '{"app.io/x":"1"}'],
    ['{.nothing.there}', ''],
    ['{.constructor}', ''],
    ['{.items.__proto__}', ''],
  ])('renders %s', (template, text) => {
    expect(compileTemplate(template)(LIST)).toBe(text);
  });

  it.each([
    ['{.a', 'a brace without its other half'],
    ['{range .items[*]}x', '{range} without {end}'],
    ['x{end}', '{end} without {range}'],
    ['{.items[?(@.a==b)]}', 'neither a number nor quoted text'],
    ['{.items[x]}', 'is not understood'],
  ])('refuses %s', (template, message) => {
    expect(() => compileTemplate(template)).toThrow(message);
  });

  it('answers or refuses, and never breaks', () => {
    const part = fc.constantFrom(
      '{',
      '}',
      '.',
      'items',
      '[*]',
      '[0]',
      '[?(',
      '@',
      '==',
      ')]',
      '"',
      "'",
      '..',
      'range ',
      'end',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          compileTemplate(parts.join(''))(LIST);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe('compilePath', () => {
  it.each(['.kind', 'kind', '{.kind}'])('finds %s', (path) => {
    expect(compilePath(path)(LIST)).toEqual(['List']);
  });
});
