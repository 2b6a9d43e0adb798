import * as z from 'zod/mini';
import type { Kind } from './kinds.ts';
import { manifestSchema, statusSchema } from './scheme.ts';

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
  return z.toJSONSchema(manifestSchema(kind), { io: 'input' }) as JsonSchema;
}

/** The same with its defaults filled in: zod leaves out the default of what it transforms where it shows the input. */
export function completeJsonSchema(kind: Kind): JsonSchema {
  return z.toJSONSchema(manifestSchema(kind), { io: 'output', unrepresentable: 'any' }) as JsonSchema;
}

export function statusJsonSchema(kind: Kind): JsonSchema {
  return z.toJSONSchema(statusSchema(kind), { io: 'input' }) as JsonSchema;
}
