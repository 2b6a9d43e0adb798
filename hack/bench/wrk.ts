import { outputOf } from './processes.ts';

/** What wrk has seen of a server that it kept as busy as it could. */
export interface Load {
  requestsPerSecond: number;
  /** In milliseconds. */
  p99: number;
}

/** Asks for `url` over so many connections at once, each as soon as it has the answer before. @throws Error where an answer is not 2xx. */
export function saturate(url: string, connections: number, seconds: number): Load {
  const args = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '--latency', url];
  const output = outputOf('wrk', args);
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(output);
  const requests = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  const [, time, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? [];
  const milliseconds = { us: 0.001, ms: 1, s: 1_000 }[unit ?? ''] ?? Number.NaN;
  return { requestsPerSecond: Number(requests), p99: Number(time) * milliseconds };
}
