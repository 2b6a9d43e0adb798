import { request } from 'node:https';
import type { GatewayWorld } from './gateway-world.ts';

/** What a visitor of `host` gets over a connection of its own: status and body. Rejects where the connection breaks. */
export function visit(
  world: GatewayWorld,
  host: string,
  path = '/',
): Promise<[status: number, body: string]> {
  const { promise, resolve, reject } = Promise.withResolvers<[number, string]>();
  const address = { host: '127.0.0.1', port: world.port, servername: host, path, headers: { host } };
  const asked = request({ ...address, agent: false, rejectUnauthorized: false });
  asked.once('error', reject);
  asked.once('response', (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.once('error', reject);
    response.once('end', () => resolve([response.statusCode ?? 0, Buffer.concat(parts).toString()]));
  });
  asked.end();
  return promise;
}
