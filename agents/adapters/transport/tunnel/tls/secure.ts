import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Identity } from '../../../identity/identity.ts';
import { type Certificate, createCertificate } from './certificate.ts';
import { provenPeerID } from './peer-extension.ts';
import { ALPN_PROTOCOL, protocolsFor } from './protocols.ts';

/** Both ends have hardware for the first, or one of them is faster with the second. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256';

/** A socket that TLS has secured, and who is at its other end. Nothing was read from it yet. */
export interface SecureSocket {
  socket: TLSSocket;
  peerID: string;
}

/** What a peer proves its identity with, in as many handshakes as it likes. */
export async function createCredentials(identity: Identity): Promise<SecureContext> {
  return toCredentials(await createCertificate(identity));
}

/** The same with a certificate that there is already. */
export function toCredentials(certificate: Certificate): SecureContext {
  return createSecureContext({
    ...certificate,
    minVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    // Every peer of ours signs with P-256; others' longer keys would cost us more than them.
    sigalgs: 'ecdsa_secp256r1_sha256',
  });
}

interface Components {
  credentials: SecureContext;
  clock: Clock;
}

interface Init {
  timeoutMs: number;
}

/** Secures a socket that was accepted, also one whose first bytes were read and put back. Rejects with why not. */
export function secureInbound(socket: Socket, components: Components, init: Init): Promise<SecureSocket> {
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: components.credentials,
    ALPNProtocols: [ALPN_PROTOCOL],
    requestCert: true,
    // No authority signs our certificates: what they prove is checked below.
    rejectUnauthorized: false,
  });
  return handshake(secured, 'secure', components, init);
}

/** Secures a socket that was dialled. Nothing but the handshake is sent before the other side has proven who it is. */
export function secureOutbound(
  socket: Socket,
  components: Components,
  { slot, ...init }: Init & { slot: number },
): Promise<SecureSocket> {
  const secured = connect({
    socket,
    secureContext: components.credentials,
    ALPNProtocols: protocolsFor(slot),
    rejectUnauthorized: false,
  });
  return handshake(secured, 'secureConnect', components, init);
}

function handshake(
  socket: TLSSocket,
  event: 'secure' | 'secureConnect',
  { clock }: Components,
  { timeoutMs }: Init,
): Promise<SecureSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<SecureSocket>();
  const cancel = clock.after(timeoutMs, () =>
    socket.destroy(new Error(`it took longer than ${timeoutMs} ms`)),
  );
  socket.once(event, () => {
    try {
      resolve({ socket, peerID: peerOf(socket, clock.now()) });
    } catch (error) {
      reject(error);
      socket.destroy();
    }
  });
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('it closed the connection')));
  return promise.finally(cancel);
}

function peerOf(socket: TLSSocket, now: number): string {
  if (socket.alpnProtocol !== ALPN_PROTOCOL) throw new Error(`it does not speak ${ALPN_PROTOCOL}`);
  // We resume no session and offer none to be resumed for: each connection proves its peer anew.
  if (socket.isSessionReused()) throw new Error('it resumed an older session');
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Error('it has no certificate');
  return provenPeerID(certificate, now);
}
