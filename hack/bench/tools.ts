import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where daemons are, whoever asks. */
const SYSTEM_PATH = '/usr/sbin';

/** Whether all that a bar is measured with is installed; says what is not. */
export function areInstalled(bar: string, tools: readonly string[]): boolean {
  const missing = tools.filter((tool) => !isInstalled(tool));
  for (const tool of missing) console.log(`\n${bar}  skipped: ${tool} is not here`);
  return missing.length === 0;
}

function isInstalled(tool: string): boolean {
  const places = [...(process.env.PATH ?? '').split(delimiter), SYSTEM_PATH];
  return places.some((place) => existsSync(join(place, tool)));
}
