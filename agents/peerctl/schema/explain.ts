import { API_VERSION, findKind, type Kind } from '../../../api/kinds.ts';
import { nearest } from '../../../api/meta/names.ts';
import { CommandError, UsageError } from '../errors.ts';
import { unknownKind } from '../queries.ts';
import { constraints, type Field, fieldsOf } from './fields.ts';

/** What each kind is for. */
export const PURPOSE: Record<Kind, string> = {
  Deployment: 'Containers that are to run on peers.',
  TrustedPeer: 'A peer that is trusted, where it is found, and what it may do here.',
  Route: 'A container of a provider that a gateway serves under a host name. Written by machines.',
  HostReservation:
    'A host name of a gateway, and who holds it. Written by machines; deleting one frees the name.',
  Event: 'What a loop did to an object, and why. Written by machines.',
};

/**
 * The text of `peerctl explain deployment.spec.replicas`.
 * @throws UsageError for an unknown kind, CommandError for an unknown field.
 */
export function explainPath(path: string, recursive: boolean): string {
  const [word = '', ...names] = path.replaceAll('[]', '').split('.').filter(Boolean);
  const info = findKind(word);
  if (!info) throw new UsageError(unknownKind(word));
  const root: Field = {
    name: info.singular,
    type: 'object',
    required: false,
    description: PURPOSE[info.kind],
    choices: [],
    bounds: [],
    fields: fieldsOf(info.kind),
  };
  const field = names.reduce((parent, name) => child(parent, name), root);
  return format(info.kind, field, names.length > 0, recursive);
}

function child(parent: Field, name: string): Field {
  const found = parent.fields.find((field) => field.name === name);
  if (found) return found;
  const known = parent.fields.map((field) => field.name);
  const near = nearest(name, known);
  const hint = near
    ? `did you mean ${near}?`
    : known.length > 0
      ? `there are ${known.join(', ')}`
      : 'it has no fields';
  throw new CommandError(`${parent.name} has no field "${name}"; ${hint}`);
}

function format(kind: Kind, field: Field, isField: boolean, recursive: boolean): string {
  const lines = [`KIND:     ${kind}`, `VERSION:  ${API_VERSION}`];
  if (isField) lines.push('', `FIELD:    ${title(field)}`);
  lines.push('', 'DESCRIPTION:', `  ${field.description || '<none>'}`);
  for (const constraint of constraints(field)) lines.push(`  ${constraint}`);
  if (field.fields.length > 0)
    lines.push('', 'FIELDS:', ...field.fields.flatMap((inner) => fieldLines(inner, '  ', recursive)));
  return `${lines.join('\n')}\n`;
}

function fieldLines(field: Field, indent: string, recursive: boolean): string[] {
  const lines = [`${indent}${title(field)}`];
  if (field.description && !recursive) lines.push(`${indent}  ${field.description}`, '');
  if (recursive) lines.push(...field.fields.flatMap((inner) => fieldLines(inner, `${indent}  `, true)));
  return lines;
}

function title({ name, type, required, default: fallback }: Field): string {
  const extra = required ? ' -required-' : fallback === undefined ? '' : ` (default ${fallback})`;
  return `${name} <${type}>${extra}`;
}
