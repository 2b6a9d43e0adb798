import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment, NODE } from './processes.ts';

/** How long answers took, in milliseconds. */
export interface Latencies {
  p50: number;
  p99: number;
}

export function latencies(milliseconds: readonly number[]): Latencies {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { p50: at(0.5) ?? Number.NaN, p99: at(0.99) ?? Number.NaN };
}

/** Asks for `url` so many times a second over so many connections, from a process of its own. */
export async function askSteadily(
  url: string,
  { perSecond, connections, seconds }: { perSecond: number; connections: number; seconds: number },
): Promise<Latencies> {
  const args = [join(import.meta.dirname, 'steady-client.ts'), url, perSecond, connections, seconds];
  const { stdout } = await promisify(execFile)(NODE, args.map(String), { env: environment() });
  return JSON.parse(stdout) as Latencies;
}
