import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import { benchIdentity } from './mux-identities.ts';
import { NODE } from './processes.ts';
import { freePort, type Server, startServer, stopAll } from './servers.ts';

/** What is between two machines. */
export interface Wire {
  megabits: number;
  /** Each way. */
  delayMs: number;
}

/** Writes `cert.pem` and `key.pem`, which everything that ends TLS here shows: a P-256 key. */
export async function writeCertificate(directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const { cert, key } = await createCertificate(benchIdentity('visitors'));
  writeFileSync(join(directory, 'cert.pem'), cert);
  writeFileSync(join(directory, 'key.pem'), key);
  return directory;
}

export interface GatewayOptions {
  /** The directory of {@link writeCertificate}. */
  certificates: string;
  /** Between the provider and the gateway. Default: nothing. */
  wire?: Wire;
}

/** A gateway and a provider, a process each, and a tunnel; the port speaks TLS as `localhost`, and leads to `target`. */
export async function startGateway(
  directory: string,
  target: number,
  { certificates, wire }: GatewayOptions,
): Promise<Server & { providerPid: number }> {
  mkdirSync(directory, { recursive: true });
  const [port, readyPort] = [await freePort(), await freePort()];
  const gateway = await startServer(directory, port, NODE, program('gateway-edge', port, certificates));
  const way = wire && (await startWire(join(directory, 'wire'), port, wire));
  const args = program('gateway-provider', readyPort, way?.port ?? port, target);
  const provider = await startServer(directory, readyPort, NODE, args);
  const stop = () => stopAll([gateway, ...(way ? [way] : []), provider]);
  return { port, pid: gateway.pid, providerPid: provider.pid, stop };
}

/** A port that leads to `target` over a long thin wire. */
export async function startWire(
  directory: string,
  target: number,
  { megabits, delayMs }: Wire,
): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  return startServer(directory, port, NODE, program('mux-wire', port, target, megabits, delayMs));
}

/** `BENCH_NODE_OPTIONS=--cpu-prof` says where the time goes. */
function program(name: string, ...args: readonly (number | string)[]): string[] {
  const options = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  return [...options, join(import.meta.dirname, `${name}.ts`), ...args.map(String)];
}
