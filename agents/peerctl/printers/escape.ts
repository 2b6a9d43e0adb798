/**
 * Characters that a terminal acts on or that make text look like something else: C0 and C1 controls,
 * DEL, bidirectional overrides and isolates, zero-width and line separators, tags, lone surrogates.
 */
const HIDDEN =
  /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

/** Text from elsewhere, for one line of a terminal: every hidden character is written out. */
export function oneLine(text: string): string {
  return text.replace(HIDDEN, escapeCharacter);
}

/** The same for text of several lines: its line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  );
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (NAMED[character]) return NAMED[character];
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
