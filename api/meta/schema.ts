import * as z from 'zod/mini';

/** The words of which the schemas are made. */

type ObjectOf<Fields extends z.core.$ZodLooseShape> = z.ZodMiniObject<
  z.core.util.Writeable<Fields>,
  z.core.$strict
>;

const nothingElse = z.never();

/**
 * A mapping with these fields and no others, and what is to be checked of it as a whole. The fields are made when a
 * value is first checked: there are hundreds, and a command that applies a manifest needs a few dozen.
 */
export function object<Fields extends z.core.$ZodLooseShape>(
  fields: () => Fields,
  ...checks: z.core.$ZodCheck<z.output<ObjectOf<Fields>>>[]
): ObjectOf<Fields> {
  let made: Fields | undefined;
  return new z.ZodMiniObject({
    type: 'object',
    get shape() {
      made ??= fields();
      return made;
    },
    catchall: nothingElse,
    checks: checks as z.core.$ZodCheck<never>[],
  }) as ObjectOf<Fields>;
}

/** A field that must be there. */
export function required<T extends z.ZodMiniType>(schema: T, description: string): T {
  // The same schema means something else in another field.
  return describe(z.clone(schema), description);
}

/** A field that may be left out. */
export function optional<T extends z.ZodMiniType>(schema: T, description: string): z.ZodMiniOptional<T> {
  return describe(z.optional(schema), description);
}

/** A field that is this value where it is left out. */
export function withDefault<T extends z.ZodMiniType>(
  schema: T,
  value: z.output<T>,
  description: string,
): z.ZodMiniDefault<T> {
  return describe(z._default(schema, value as z.core.util.NoUndefined<z.output<T>>), description);
}

/** A field that is what becomes of this value where it is left out: its own fields add their defaults. */
export function withDefaults<T extends z.ZodMiniType>(
  schema: T,
  value: z.input<T>,
  description: string,
): z.ZodMiniPrefault<T> {
  return describe(z.prefault(schema, value), description);
}

/** A text of this form; the message says what it is. */
export function matching(pattern: RegExp, message?: string): z.ZodMiniString {
  return z.string().check(z.regex(pattern, message));
}

function describe<T extends z.ZodMiniType>(schema: T, description: string): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}
