import type { Kind } from '../../../api/kinds.ts';
import { manifestSchema, statusSchema } from '../../../api/scheme.ts';

/** What is known of one field of a manifest or a status. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  /** As JSON. */
  default?: string;
  description: string;
  /** Bounds, choices and forms, in words. */
  constraints: string[];
  fields: Field[];
}

/** The members of a JSON Schema that our schemas use. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
}

/** The JSON Schema of a manifest as a person writes it: defaults may be left out. */
export function manifestJsonSchema(kind: Kind): JsonSchema {
  return manifestSchema(kind).toJSONSchema({ io: 'input' }) as JsonSchema;
}

/** Every field of a kind, its status included, from the descriptions in its schemas. */
export function fieldsOf(kind: Kind): Field[] {
  const manifest = fieldsIn(manifestJsonSchema(kind));
  const status = statusSchema(kind).toJSONSchema({ io: 'input' }) as JsonSchema;
  const description = 'What was observed. Written by machines.';
  return [
    ...manifest,
    {
      name: 'status',
      type: 'object',
      required: false,
      description,
      constraints: [],
      fields: fieldsIn(status),
    },
  ];
}

function fieldsIn(schema: JsonSchema): Field[] {
  if (schema.items) return fieldsIn(schema.items);
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return merge(variants.map(fieldsIn));
  return Object.entries(schema.properties ?? {}).map(([name, property]) => toField(name, property, schema));
}

function toField(name: string, schema: JsonSchema, parent: JsonSchema): Field {
  return {
    name,
    type: typeOf(schema),
    required: parent.required?.includes(name) ?? false,
    ...(schema.default === undefined ? {} : { default: JSON.stringify(schema.default) }),
    description: schema.description ?? '',
    constraints: constraintsOf(schema),
    fields: fieldsIn(schema),
  };
}

/** Fields of alternatives: those of the same name are one, with the choices of all. */
function merge(alternatives: readonly Field[][]): Field[] {
  const merged = new Map<string, Field>();
  for (const field of alternatives.flat()) {
    const before = merged.get(field.name);
    const constraints = [...new Set([...(before?.constraints ?? []), ...field.constraints])];
    merged.set(field.name, { ...field, ...before, constraints });
  }
  return [...merged.values()];
}

function typeOf(schema: JsonSchema): string {
  if (schema.items) return `[]${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object')
    return `map[string]${typeOf(schema.additionalProperties)}`;
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return [...new Set(variants.map(typeOf))].join(' | ');
  if (schema.type !== undefined) return [schema.type].flat().join(' | ');
  return typeof (schema.const ?? schema.enum?.[0]);
}

function constraintsOf(schema: JsonSchema): string[] {
  const inner = schema.items ?? schema;
  const choices = inner.const === undefined ? inner.enum : [inner.const];
  // The largest number that JSON carries is no bound that a person meets.
  const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  return [
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(schema.minimum !== undefined && schema.minimum > Number.MIN_SAFE_INTEGER
      ? [`at least ${schema.minimum}`]
      : []),
    ...(most === undefined ? [] : [`at most ${most}`]),
    ...(schema.minItems === undefined ? [] : [`at least ${schema.minItems} items`]),
    ...(schema.maxItems === undefined ? [] : [`at most ${schema.maxItems} items`]),
    ...(schema.maxLength === undefined ? [] : [`at most ${schema.maxLength} characters`]),
  ];
}
