import { checksum } from './checksum.ts';

const HEAD = '{"checksum":"';
const MIDDLE = '","data":';
const TAIL = '}\n';
const CHECKSUM_END = HEAD.length + 16;

/** A value as a line of JSON that carries the checksum of its own text: any flipped bit or missing end shows. */
export function encodeChecked(value: unknown): string {
  const data = JSON.stringify(value);
  return `${HEAD}${checksum(data)}${MIDDLE}${data}${TAIL}`;
}

/** The value, or undefined when the text is not exactly what {@link encodeChecked} wrote. */
export function decodeChecked(text: string): unknown {
  if (!text.startsWith(HEAD) || !text.startsWith(MIDDLE, CHECKSUM_END) || !text.endsWith(TAIL))
    return undefined;
  const data = text.slice(CHECKSUM_END + MIDDLE.length, -TAIL.length);
  return text.slice(HEAD.length, CHECKSUM_END) === checksum(data) ? JSON.parse(data) : undefined;
}
