import { API_VERSION } from '../../../api/kinds.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';

/** An object as `-o json` and `-o yaml` show it: without what only machines read. */
export function shown({ metadata, ...object }: AnyObject): Record<string, unknown> {
  const { lastApplied: _lastApplied, signature: _signature, ...rest } = metadata;
  const { apiVersion, kind, spec, status } = object;
  return { apiVersion, kind, metadata: rest, spec, ...(status === undefined ? {} : { status }) };
}

/** One object as it is, or a List of them. */
export function document(objects: readonly AnyObject[], asList: boolean): Record<string, unknown> {
  const [only] = objects;
  if (only && !asList) return shown(only);
  return { apiVersion: API_VERSION, kind: 'List', items: objects.map(shown) };
}

/** JSON that a terminal shows as it is: hidden characters can stand in strings only, where an escape means the same. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, asEscape)}\n`;
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
