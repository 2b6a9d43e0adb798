import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { lineLog } from '../../agents/adapters/system/line-log.ts';
import { relayFreely } from '../../agents/adapters/system/memory.ts';
import { TunnelAcceptor } from '../../agents/adapters/transport/tunnel/acceptor.ts';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import { ALPN_PROTOCOL } from '../../agents/adapters/transport/tunnel/tls/protocols.ts';
import { toContext } from '../../agents/gateway/certificates/credential.ts';
import { Ingress } from '../../agents/gateway/ingress/ingress.ts';
import { TunnelRouter } from '../../agents/gateway/router/tunnel-router.ts';
import { TunnelTable } from '../../agents/gateway/router/tunnels.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import { benchIdentity } from './mux-identities.ts';

/**
 * The data path of a gateway, put together as its program does: `node gateway-edge.ts PORT CERTIFICATES`. It serves the
 * name `localhost`, by the provider of the benchmark; there is no control plane, and the certificate is from a file.
 */

relayFreely();
const [, , port, certificates = ''] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => process.exit());

const chain = readFileSync(join(certificates, 'cert.pem'), 'utf8');
const key = readFileSync(join(certificates, 'key.pem'), 'utf8');
const context = toContext({ chain, key });
const tunnels = new TunnelTable();
const router = new TunnelRouter({ tunnels, clock });
const acceptor = new TunnelAcceptor(
  { certificate: await createCertificate(benchIdentity('gateway')), clock, logger },
  { allow: (peerID) => router.isAllowed(peerID), onTunnel: (tunnel) => tunnels.add(tunnel) },
);
acceptor.start(stop.signal);
const ingress = new Ingress(
  {
    router,
    certificates: {
      contextFor: (name) => (name === 'localhost' ? context : undefined),
      challengeFor: () => undefined,
      answerTo: () => undefined,
    },
    clock,
    log: lineLog(stop.signal),
    acceptTunnel: (socket) => acceptor.accept(socket),
  },
  {
    host: '127.0.0.1',
    httpsPort: Number(port),
    httpPort: 0,
    domain: 'example.test',
    tunnelProtocol: ALPN_PROTOCOL,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    behindProxy: false,
  },
);
const provider = benchIdentity('provider').peerID;
router.allow(new Set([provider]));
const target = { owner: provider, uid: '3f0a6a52-8a2e-4bd7-9d1e-0c6e5a6f9b10' };
router.serve([{ host: 'localhost', protocol: 'HTTP', backends: [{ provider, target }] }]);
await ingress.start(stop.signal);
