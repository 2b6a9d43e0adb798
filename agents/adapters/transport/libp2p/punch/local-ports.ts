import { type Connection, type Transport, transportSymbol, type Upgrader } from '@libp2p/interface';
import { type TCPComponents, type TCPOptions, tcp } from '@libp2p/tcp';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';

/** From where Linux and others take ports for outgoing connections. */
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;

export interface DialFrom {
  /** Of this machine. */
  localPort: number;
  /** Both ends dial at once: one of them has to speak first. */
  initiator: boolean;
  upgrader: Upgrader;
  signal: AbortSignal;
}

/**
 * Remembers from which local port each gateway was dialled. A NAT shows the world one address for each local
 * port; from the same port again, this machine is where its gateway sees it.
 */
export class LocalPorts {
  readonly #isGateway: (peerID: string) => boolean;
  readonly #ports = new WeakMap<Connection, number>();
  #tcp: Transport | undefined;

  constructor(init: { isGateway: (peerID: string) => boolean }) {
    this.#isGateway = init.isGateway;
  }

  /** The port at our end of a connection to a gateway. */
  of(connection: Connection): number | undefined {
    return this.#ports.get(connection);
  }

  /** libp2p's TCP, which chooses the port itself where we have to know it. */
  transport(options: TCPOptions): (components: TCPComponents) => Transport {
    return (components) => {
      const inner = tcp(options)(components);
      this.#tcp = inner;
      return {
        [transportSymbol]: true,
        [Symbol.toStringTag]: inner[Symbol.toStringTag],
        createListener: (init) => inner.createListener(init),
        listenFilter: (addresses) => inner.listenFilter(addresses),
        dialFilter: (addresses) => inner.dialFilter(addresses),
        dial: (address, init) =>
          this.#matters(address) ? this.#dial(address, init) : inner.dial(address, init),
      };
    };
  }

  /** Dials a peer from a port that may be in use towards others: TCP allows that where none of them listens. */
  async dialFrom(address: string, peerID: string, options: DialFrom): Promise<Connection> {
    if (!this.#tcp) throw new Error('the transport is not running');
    return this.#tcp.dial(multiaddr(`${address}/p2p/${peerID}`), options);
  }

  #matters(address: Multiaddr): boolean {
    const peerID = address.getComponents().findLast(({ name }) => name === 'p2p')?.value;
    return peerID !== undefined && this.#isGateway(peerID);
  }

  async #dial(address: Multiaddr, options: Parameters<Transport['dial']>[1]): Promise<Connection> {
    const localPort = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    try {
      const connection = await (this.#tcp as Transport).dial(address, {
        ...options,
        localPort,
      } as typeof options);
      this.#ports.set(connection, localPort);
      return connection;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody listens there. Without a port of our choice the connection is as good, only not to be punched from.
      if (code !== 'EADDRINUSE') throw error;
      return (this.#tcp as Transport).dial(address, options);
    }
  }
}
