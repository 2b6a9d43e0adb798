import { hash } from 'node:crypto';

const HEAD = '{"sha256":"';
const MIDDLE = '","data":';
const TAIL = '}\n';
const DATA_AT = HEAD.length + 64 + MIDDLE.length;

/** A value as a line of JSON that carries the hash of its own text: any flipped bit or missing end shows. */
export function encodeChecked(value: unknown): string {
  const data = JSON.stringify(value);
  return `${HEAD}${sha256(data)}${MIDDLE}${data}${TAIL}`;
}

/** The value, or undefined when the text is not exactly what {@link encodeChecked} wrote. */
export function decodeChecked(text: string): unknown {
  const data = text.slice(DATA_AT, -TAIL.length);
  const intact =
    text.length > DATA_AT + TAIL.length && text === `${HEAD}${sha256(data)}${MIDDLE}${data}${TAIL}`;
  return intact ? JSON.parse(data) : undefined;
}

export function sha256(text: string): string {
  return hash('sha256', text);
}
