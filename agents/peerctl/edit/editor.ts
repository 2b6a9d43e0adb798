import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';

/**
 * Opens a file in the person's editor and resolves when it is closed.
 * @throws Error when there is none, or when it failed.
 */
export async function openEditor({ env, cwd }: Pick<Context, 'env' | 'cwd'>, file: string): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || 'vi';
  // The variable may hold arguments, as in "code --wait": it is the shell's to split.
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', cwd, env });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code === 127) throw new Error(`there is no editor "${editor}"; name one in $EDITOR`);
  if (code !== 0) throw new Error(`the editor "${editor}" failed`);
}
