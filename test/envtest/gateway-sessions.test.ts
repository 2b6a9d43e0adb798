import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ask, useGateway } from '../support/gateway-clients.ts';

const gateway = useGateway();

/** By ordinal; each says which one it is, and sets a cookie of its own. */
let replicas: Map<number, Server>;

beforeEach(async () => {
  replicas = new Map([0, 1, 2].map((ordinal) => [ordinal, replica(ordinal)]));
  for (const server of replicas.values())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway.path.sessionAffinity = 'Cookie';
  gateway.path.serve(gateway.path.backends);
  run(0, 1, 2);
});

afterEach(() => {
  for (const server of replicas.values()) server.close().closeAllConnections();
});

function replica(ordinal: number): Server {
  return createServer((_, response) => response.setHeader('set-cookie', 'theme=dark').end(`web-${ordinal}`));
}

function run(...ordinals: number[]): void {
  const ports = [...replicas].map(
    ([ordinal, server]) => [ordinal, (server.address() as AddressInfo).port] as const,
  );
  gateway.path.runReplicasAt(new Map(ports.filter(([ordinal]) => ordinals.includes(ordinal))));
}

/** A visit over a connection of its own: who answered, and the session that the visitor was given. */
async function visit(session?: string) {
  const headers: Record<string, string> =
    session === undefined ? {} : { cookie: `theme=light; peercompute-session=${session}` };
  const { body, headers: got } = await gateway.path.visit('/', { headers });
  const cookies = got['set-cookie'] ?? [];
  const given = cookies.flatMap((cookie) => /^peercompute-session=([\w-]{22}); (.*)$/.exec(cookie) ?? []);
  return { body, cookies, session: given[1], attributes: given[2] };
}

describe('a visitor with a session', () => {
  it('is given one beside the cookies of the container, and none again as long as it shows it', async () => {
    const first = await visit();
    expect(first).toMatchObject({ attributes: 'Path=/; HttpOnly; Secure; SameSite=Lax' });
    expect(first.cookies).toHaveLength(2);
    expect((await visit(first.session)).cookies).toEqual(['theme=dark']);
  });

  it('stays with its replica over any number of connections, while visitors spread over all', async () => {
    const seen = new Set<string>();
    for (let visitor = 0; visitor < 30; visitor++) {
      const { body, session } = await visit();
      seen.add(body);
      expect([(await visit(session)).body, (await visit(session)).body]).toEqual([body, body]);
    }
    expect([...seen].sort()).toEqual(['web-0', 'web-1', 'web-2']);
  });

  it('moves only when its replica is gone, and is back with it afterwards', async () => {
    const visitors = await Promise.all(Array.from({ length: 20 }, () => visit()));
    run(0, 2);
    for (const { body, session } of visitors) {
      const now = (await visit(session)).body;
      expect(now).toEqual(body === 'web-1' ? expect.stringMatching(/web-[02]/) : body);
    }
    run(0, 1, 2);
    for (const { body, session } of visitors) expect((await visit(session)).body).toBe(body);
  });

  it('that nobody gave it is given one', async () => {
    for (const session of ['', 'x', 'a'.repeat(23), '../../../../../../../../'])
      expect((await visit(session)).session).toMatch(/^[\w-]{22}$/);
  });

  it('has it over HTTP/2 too, and stays on a connection though it shows no cookie', async () => {
    const session = gateway.session();
    const bodies = [];
    for (let request = 0; request < 5; request++) bodies.push(String((await ask(session, '/')).body));
    session.destroy();
    expect(new Set(bodies).size).toBe(1);
    const { stdout } = await gateway.curl('--http2', '-i', '/');
    expect(stdout).toMatch(/^set-cookie: peercompute-session=/im);
  });
});

it('without sessionAffinity nobody is given a session', async () => {
  gateway.path.sessionAffinity = 'None';
  gateway.path.serve(gateway.path.backends);
  expect((await visit()).cookies).toEqual(['theme=dark']);
});
