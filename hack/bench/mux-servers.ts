import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from './processes.ts';
import { freePort, type Server, startServer, stopAll } from './servers.ts';

/** A gateway and a provider, a process each, with a tunnel between them; the port leads to `target`. */
export async function startMux(directory: string, target: number, over: string): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const [port, tunnelPort] = [await freePort(), await freePort()];
  const program = (name: string, ...ports: number[]) => [
    ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []),
    join(import.meta.dirname, `mux-${name}.ts`),
    over,
    ...ports.map(String),
  ];
  const gateway = await startServer(directory, tunnelPort, NODE, program('gateway', port, tunnelPort));
  const provider = await startServer(directory, port, NODE, program('provider', tunnelPort, target));
  return { port, pid: gateway.pid, stop: () => stopAll([gateway, provider]) };
}
