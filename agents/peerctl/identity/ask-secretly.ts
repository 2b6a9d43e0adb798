import type { Context } from '../context.ts';
import { CommandError, INTERRUPTED } from '../errors.ts';

const ENTER = /[\r\n]/;
const CTRL_C = '\x03';
const BACKSPACE = /[\b\x7f]/;

/** Asks the person at the terminal for a line, without showing what is typed. Where nobody sits there it asks nothing. */
export async function askSecretly(
  { stdin, err }: Pick<Context, 'stdin' | 'err'>,
  prompt: string,
): Promise<string> {
  if (stdin.isTTY) err.write(prompt);
  stdin.setRawMode?.(true);
  try {
    let line = '';
    for await (const chunk of stdin)
      for (const character of chunk.toString()) {
        if (character === CTRL_C) throw new CommandError('interrupted', INTERRUPTED);
        if (ENTER.test(character)) return line;
        line = BACKSPACE.test(character) ? line.slice(0, -1) : line + character;
      }
    return line;
  } finally {
    stdin.setRawMode?.(false);
    if (stdin.isTTY) err.line();
  }
}
