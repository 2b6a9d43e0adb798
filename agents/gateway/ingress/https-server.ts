import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { VisitorLimits } from '../access/visitor-limits.ts';
import type { ServedCertificates } from '../certificates/served.ts';
import { type ClientHello, readClientHello } from './client-hello.ts';
import { listen } from './listen.ts';

export interface HttpsServerComponents {
  certificates: ServedCertificates;
  limits: Pick<VisitorLimits, 'entered' | 'left'>;
  clock: Clock;
  /** Takes over a client's connection once TLS is up. */
  serve(socket: TLSSocket, serverName: string): void;
  /** Takes over a connection that says it is a tunnel, with its first bytes put back; `offered` is all it would speak. */
  acceptTunnel(socket: Socket, offered: readonly string[]): void;
  /** Takes over a visitor likewise who is served better in another process; false for one who is not. */
  handOver?(socket: Socket, serverName: string): boolean;
}

export interface HttpsServerInit {
  host: string;
  port: number;
  /** Application protocol by which tunnels are told apart. */
  tunnelProtocol: string;
}

/** Three round trips of a satellite link: who needs longer has another reason, in milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** RFC 9113, section 3.2 */
export const H2_PROTOCOL = 'h2';

/** RFC 8737 */
const ACME_PROTOCOL = 'acme-tls/1';

/** The first that the client offers too is spoken. */
const VISITOR_PROTOCOLS = [H2_PROTOCOL, 'http/1.1'];

/** A fatal `unrecognized_name` (RFC 6066, section 3): the client learns that this name is not served, and nothing else. */
const UNKNOWN_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Node holds what TLS has not taken yet in 1 KiB, and adds 16 KiB for as long as the connection lasts once those are
 * full: a ClientHello at once would make an idle visitor cost a third more.
 */
const PIECE_BYTES = 1_000;

/** Ends TLS for visitors; hands over tunnels, which share the port. */
export class HttpsServer {
  readonly #components: HttpsServerComponents;
  readonly #init: HttpsServerInit;
  readonly #server: Server;

  constructor(components: HttpsServerComponents, init: HttpsServerInit) {
    this.#components = components;
    this.#init = init;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Resolves once it listens; accepts until the signal ends. Rejects when the port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    this.#server.on('connection', (socket) => this.admit(socket));
    await listen(this.#server, this.#init);
    signal.addEventListener('abort', () => this.#server.close());
  }

  /** Takes over a visitor whom another process has handed over, having read so much. */
  take(socket: Socket, read: Buffer): void {
    const hello = readClientHello(read);
    if (!hello || hello === 'more' || !this.#enter(socket)) return void socket.destroy();
    socket.allowHalfOpen = true;
    socket.on('error', () => socket.destroy());
    socket.unshift(read);
    this.#serve(socket, hello);
  }

  /** Takes over whoever has just come. */
  admit(socket: Socket): void {
    if (this.#enter(socket)) this.#read(socket);
    else socket.destroy();
  }

  /** False where it is one connection too many. */
  #enter(socket: Socket): boolean {
    const { limits } = this.#components;
    const { remoteAddress = '' } = socket;
    if (!limits.entered(remoteAddress)) return false;
    socket.once('close', () => limits.left(remoteAddress));
    return true;
  }

  /** Waits for the ClientHello: it says who is to have the connection. */
  #read(socket: Socket): void {
    let bytes = NOTHING;
    const giveUp = () => socket.destroy();
    const cancel = this.#components.clock.after(HANDSHAKE_TIMEOUT_MS, giveUp);
    const take = (part: Buffer) => {
      bytes = bytes.length === 0 ? part : Buffer.concat([bytes, part]);
      const hello = readClientHello(bytes);
      if (hello === 'more') return;
      socket.pause().off('data', take).off('end', giveUp);
      cancel();
      const read = bytes;
      // The listeners that stay would keep it as long as the connection lasts.
      bytes = NOTHING;
      if (hello) this.#hand(socket, read, hello);
      else socket.destroy();
    };
    socket.on('data', take).once('end', giveUp).on('error', giveUp).once('close', cancel);
  }

  #hand(socket: Socket, read: Buffer, hello: ClientHello): void {
    const { acceptTunnel, handOver } = this.#components;
    const { serverName = '', protocols } = hello;
    socket.unshift(read);
    if (protocols.includes(this.#init.tunnelProtocol)) {
      // Whoever closes one half of a tunnel is gone.
      socket.allowHalfOpen = false;
      acceptTunnel(socket, protocols);
    } else if (!handOver?.(socket, serverName)) this.#serve(socket, hello);
  }

  #serve(socket: Socket, { serverName = '', protocols }: ClientHello): void {
    const { certificates } = this.#components;
    const isChallenge = protocols.includes(ACME_PROTOCOL);
    const secureContext = isChallenge
      ? certificates.challengeFor(serverName)
      : certificates.contextFor(serverName);
    const ALPNProtocols = isChallenge ? [ACME_PROTOCOL] : VISITOR_PROTOCOLS;
    if (secureContext) {
      readInPieces(socket);
      const tls = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols });
      this.#secure(tls, serverName, isChallenge);
    } else socket.end(UNKNOWN_NAME, () => socket.destroy());
  }

  #secure(socket: TLSSocket, serverName: string, isChallenge: boolean): void {
    const cancel = this.#components.clock.after(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
    const giveUp = () => socket.destroy();
    socket.on('error', giveUp);
    socket.once('close', cancel);
    socket.once('secure', () => {
      cancel();
      socket.off('error', giveUp);
      // Nobody else says so where a TLSSocket has no server, and Node's HTTP/2 would wait for it.
      Object.assign(socket, { secureConnecting: false });
      // The handshake was the proof.
      if (isChallenge) socket.end();
      else this.#components.serve(socket, serverName);
    });
  }
}

/** What was put back is asked for without a size. */
function readInPieces(socket: Socket): void {
  const read = socket.read.bind(socket);
  socket.read = (size) => read(size ?? Math.min(socket.readableLength, PIECE_BYTES));
}
