/** JSON of another machine: nothing is known about it yet. */
export type Json = unknown;

/** A URL of ACME has some hundred characters; so has everything else that is read one by one. */
const LONGEST_TEXT = 4096;

/** An order has as many authorizations as names, and CAs allow 100. */
const LONGEST_LIST = 100;

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it has none of the members that are asked for.
    return undefined;
  }
}

export function member(value: Json, name: string): Json {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Record<string, unknown>)[name] : undefined;
}

/** @throws Error when it is no text, or too long for what it can be. */
export function textIn(value: Json, name: string): string {
  const text = member(value, name);
  if (typeof text === 'string' && text.length <= LONGEST_TEXT) return text;
  throw new Error(`the CA's answer has no usable "${name}"`);
}

export function optionalTextIn(value: Json, name: string): string | undefined {
  return member(value, name) === undefined ? undefined : textIn(value, name);
}

export function listIn(value: Json, name: string): Json[] {
  const list = member(value, name);
  if (Array.isArray(list) && list.length <= LONGEST_LIST) return list;
  throw new Error(`the CA's answer has no usable "${name}"`);
}
