import {
  completeJsonSchema,
  type JsonSchema,
  manifestJsonSchema,
  statusJsonSchema,
} from '../../../api/json-schema.ts';
import type { Kind } from '../../../api/kinds.ts';

/** What is known of one field of a manifest or a status. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  /** As JSON. */
  default?: string;
  description: string;
  /** Values it can have, where they can be listed. */
  choices: string[];
  /** Its bounds, in words. */
  bounds: string[];
  fields: Field[];
}

/** Every field of a kind, its status included, from the descriptions in its schemas. */
export function fieldsOf(kind: Kind): Field[] {
  const defaults = completeJsonSchema(kind);
  const status = statusJsonSchema(kind);
  const description = 'What was observed. Written by machines.';
  const manifest = manifestJsonSchema(kind);
  const properties = { ...manifest.properties, status: { ...status, description } };
  return fieldsIn({ ...manifest, properties }, defaults);
}

function fieldsIn(schema: JsonSchema, defaults: JsonSchema | undefined): Field[] {
  if (schema.items) return fieldsIn(schema.items, defaults?.items);
  const variants = variantsOf(schema);
  if (variants)
    return merge(
      variants.map((variant, index) => fieldsIn(variant, defaults && variantsOf(defaults)?.[index])),
    );
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    toField(name, property, schema, defaults?.properties?.[name]),
  );
}

function toField(
  name: string,
  schema: JsonSchema,
  parent: JsonSchema,
  defaults: JsonSchema | undefined,
): Field {
  const fallback = schema.default ?? defaults?.default;
  const inner = schema.items ?? schema;
  return {
    name,
    type: typeOf(schema),
    required: parent.required?.includes(name) ?? false,
    ...(fallback === undefined ? {} : { default: JSON.stringify(fallback) }),
    description: schema.description ?? '',
    choices: (inner.const === undefined ? (inner.enum ?? []) : [inner.const]).map(String),
    bounds: boundsOf(schema, inner),
    fields: fieldsIn(schema, defaults),
  };
}

function variantsOf({ oneOf, anyOf }: JsonSchema): JsonSchema[] | undefined {
  return oneOf ?? anyOf;
}

/** Fields of alternatives: those of the same name are one, with the choices of all. */
function merge(alternatives: readonly Field[][]): Field[] {
  const merged = new Map<string, Field>();
  for (const field of alternatives.flat()) {
    const before = merged.get(field.name);
    const choices = [...new Set([...(before?.choices ?? []), ...field.choices])];
    merged.set(field.name, { ...field, ...before, choices });
  }
  return [...merged.values()];
}

function typeOf(schema: JsonSchema): string {
  if (schema.items) return `[]${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object')
    return `map[string]${typeOf(schema.additionalProperties)}`;
  const variants = variantsOf(schema);
  if (variants) return [...new Set(variants.map(typeOf))].join(' | ');
  if (schema.type !== undefined) return [schema.type].flat().join(' | ');
  return typeof (schema.const ?? schema.enum?.[0]);
}

function boundsOf({ minItems, maxItems }: JsonSchema, { minimum, maximum, maxLength }: JsonSchema): string[] {
  // The largest numbers that JSON carries are no bounds that a person meets.
  const isReal = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const items = (count: number) => `${count} item${count === 1 ? '' : 's'}`;
  return [
    ...(isReal(minimum) ? [`at least ${minimum}`] : []),
    ...(isReal(maximum) ? [`at most ${maximum}`] : []),
    ...(minItems === undefined ? [] : [`at least ${items(minItems)}`]),
    ...(maxItems === undefined ? [] : [`at most ${items(maxItems)}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
  ];
}

/** What a value of this field must be, as sentences. */
export function constraints({ choices, bounds }: Field): string[] {
  return [
    ...(choices.length > 0 ? [`One of ${choices.join(', ')}.`] : []),
    ...(bounds.length > 0 ? [sentence(bounds)] : []),
  ];
}

function sentence(bounds: readonly string[]): string {
  const text = bounds.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
