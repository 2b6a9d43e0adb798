import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '../../../../../test/support/eventually.ts';
import { connect } from './connection.ts';

/** What of the client's own settings decides where it connects. */
function endpoint(dockerHost: string) {
  const { docker, address } = connect({ dockerHost, maxSockets: 1 });
  const { socketPath, host, port, protocol } = docker.modem as unknown as Record<string, unknown>;
  expect(address).toBe(dockerHost);
  return { socketPath, host, port, protocol };
}

describe('connect', () => {
  it.each([
    ['unix:///run/docker.sock', { socketPath: '/run/docker.sock', protocol: 'http' }],
    ['tcp://10.0.0.1:2375', { host: '10.0.0.1', port: '2375', protocol: 'http' }],
    ['tcp://10.0.0.1', { host: '10.0.0.1', port: '2375', protocol: 'http' }],
    ['tcp://10.0.0.1:2376', { host: '10.0.0.1', port: '2376', protocol: 'https' }],
    ['https://docker.example:443', { host: 'docker.example', protocol: 'https' }],
  ])('dials %s', (dockerHost, expected) => {
    expect(endpoint(dockerHost)).toMatchObject(expected);
  });

  it.each(['', 'docker.sock', '/var/run/docker.sock', 'ssh://host', 'tcp://'])(
    'refuses "%s"',
    (dockerHost) => {
      expect(() => connect({ dockerHost, maxSockets: 1 })).toThrow('is not the address of a Docker engine');
    },
  );

  it('pins no version of the API', () => {
    const { docker } = connect({ dockerHost: 'unix:///run/docker.sock', maxSockets: 1 });
    expect((docker.modem as unknown as { version?: string }).version).toBeUndefined();
  });

  it('uses a connection again for what follows at once, and closes it when nothing does', async () => {
    const open = new Set<Socket>();
    let accepted = 0;
    const engine = createServer((_, response) => response.end('OK')).listen(0, '127.0.0.1');
    engine.on('connection', (socket) => {
      accepted += 1;
      open.add(socket.once('close', () => open.delete(socket)));
    });
    await once(engine, 'listening');
    const { port } = engine.address() as AddressInfo;
    const { docker } = connect({ dockerHost: `tcp://127.0.0.1:${port}`, maxSockets: 1 });
    await docker.ping();
    await docker.ping();
    expect(accepted).toBe(1);
    await eventually(() => open.size === 0);
    await docker.ping();
    expect(accepted).toBe(2);
    engine.closeAllConnections();
    engine.close();
  });
});
