import { type BadManifest, CONTAINER, container, replaced, right } from './manifest.ts';

/** Texts that are not YAML, and some that are meant to break whoever reads them. */
export const YAML: readonly BadManifest[] = [
  // Not YAML.
  ['an open bracket', replaced(6, '  placement: {peers: [alice}'), ':6: not valid YAML'],
  ['an open quote', replaced(4, '  name: "web'), ':5: not valid YAML'],
  ['a tab for indentation', replaced(4, '\tname: web'), ':4: not valid YAML'],
  ['a line indented wrongly', replaced(11, '         image: nginx'), ':11: not valid YAML'],
  ['a colon in a plain value', replaced(4, '  name: web: app'), ':4: not valid YAML'],
  ['a key without its space', replaced(2, 'kind:Deployment'), ':3: not valid YAML'],
  ['an unknown alias', replaced(4, '  name: *nobody'), ':4: not valid YAML'],
  ['an unknown tag', replaced(4, '  name: !secret web'), ':4: not valid YAML'],
  [
    'a tag that would run code elsewhere',
    replaced(4, '  name: !!js/function "function(){}"'),
    ':4: not valid YAML',
  ],
  ['binary data', replaced(4, '  name: !!binary aGVsbG8='), ':4: not valid YAML'],
  ['an unclosed comment of another language', `/* web\n${right()}`, ':2: not valid YAML'],
  ['a merge conflict', `<<<<<<< HEAD\n${right()}=======\n${right()}>>>>>>> main\n`, ':2: not valid YAML'],
  ['a reserved character', replaced(4, '  name: @web'), ':4: not valid YAML'],
  ['a control character', replaced(4, '  name: we\x07b'), ':4: not valid YAML'],
  ['an escape sequence', replaced(4, '  name: we\x1b[31mb'), ':4: not valid YAML'],
  ['a NUL', replaced(4, '  name: we\0b'), ':4: not valid YAML'],
  [
    'JSON that breaks off',
    '{"apiVersion": "peercompute.dev/v1alpha1", "kind": "Deploy',
    ':1: not valid YAML',
  ],
  // Attacks on the reader.
  ['a bomb of aliases', aliasBomb(), ':12: not valid YAML'],
  ['a spec that contains itself', container('args: &args [*args]'), `:12: ${CONTAINER}.args[0]:`],
  ['a mapping that contains itself', '&a\nself: *a\n', ':2: apiVersion: is required'],
  ['brackets nested without end', '['.repeat(10_000), ':1: not valid YAML'],
  [
    'mappings nested without end',
    Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ':64: not valid YAML',
  ],
  [
    'a spec larger than can be sent',
    container(`args: [${Array.from({ length: 40 }, () => `"${'x'.repeat(32_000)}"`).join(', ')}]`),
    ':1: spec: has 1280494 bytes, more than the 1048576 that',
  ],
  [
    'too many variables',
    container(`env: [${Array.from({ length: 513 }, (_, index) => `{name: A${index}}`).join(', ')}]`),
    `:12: ${CONTAINER}.env: must have at most 512 entries`,
  ],
];

/** Each line is ten times as large as the one before, once it is written out. */
function aliasBomb(): string {
  const lines = Array.from({ length: 20 }, (_, index) => {
    const items = index === 0 ? 'x,'.repeat(10) : `*a${index - 1},`.repeat(10);
    return `a${index}: &a${index} [${items}]`;
  });
  return `${lines.join('\n')}\n`;
}
