import { PURPOSE } from '../../agents/peerctl/schema/explain.ts';
import { constraints, type Field, fieldsOf } from '../../agents/peerctl/schema/fields.ts';
import { API_VERSION, type KindInfo } from '../../api/kinds.ts';

/** The reference of a kind: a table for each object in it, from the descriptions in its schemas. */
export function fieldTables({ kind, plural, shortNames, namespaced }: KindInfo): string {
  const names = [plural, ...shortNames].map((name) => `\`${name}\``).join(', ');
  const fields = fieldsOf(kind).filter(({ name }) => name !== 'apiVersion' && name !== 'kind');
  return [
    `# ${kind}`,
    `${PURPOSE[kind]} \`${API_VERSION}\`, ${namespaced ? 'in a namespace' : 'in no namespace'}; for peerctl ${names}.`,
    '<!-- Written by hack/generate.ts from the schemas: change those. -->',
    ...fields.flatMap((field) => sections(field, field.name)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The table of one object, and then those of the objects in it. */
function sections(field: Field, path: string): string[] {
  const { fields, description, type } = field;
  if (fields.length === 0) return [];
  const inner = type.startsWith('[]') ? `${path}[]` : path;
  return [
    `## ${inner}`,
    ...(description ? [description] : []),
    table(fields),
    ...fields.flatMap((child) => sections(child, `${inner}.${child.name}`)),
  ];
}

function table(fields: readonly Field[]): string {
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...fields.map(row)].join('\n');
}

function row(field: Field): string {
  const { name, type, required, default: fallback, description } = field;
  const meaning = [description, ...constraints(field)].filter(Boolean).join(' ');
  const value = required ? '**required**' : fallback === undefined ? '' : `\`${fallback}\``;
  const cells = [`\`${name}\``, type, value, meaning].map((cell) => cell.replaceAll('|', '\\|'));
  return `| ${cells.join(' | ')} |`;
}
