import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where programs are looked for: that of daemons is not on everybody's path. */
export const SEARCH_PATH = [process.env.PATH ?? '', '/usr/sbin'].join(delimiter);

/** Whether all that a bar is measured with is installed; says what is not. */
export function areInstalled(bar: string, tools: readonly string[]): boolean {
  const places = SEARCH_PATH.split(delimiter);
  const missing = tools.filter((tool) => !places.some((place) => existsSync(join(place, tool))));
  for (const tool of missing) console.log(`\n${bar}  skipped: ${tool} is not here`);
  return missing.length === 0;
}
