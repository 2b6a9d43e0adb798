import type { Connection, Stream, Upgrader } from '@libp2p/interface';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../../controllers/ports/logger.ts';
import { isRelayed } from '../../../../../controllers/ports/transport.ts';
import type { Connections } from '../connections.ts';
import type { Limits } from '../limits.ts';
import { expectPreamble } from '../preamble.ts';
import { gatewayOf } from '../relay/circuit-address.ts';
import type { Circuits } from '../relay/circuits.ts';
import { receive, send } from '../relay/exchange.ts';
import { wait } from '../wait.ts';
import type { LocalPorts } from './local-ports.ts';
import { decodePunch, encodePunch, PUNCH_PROTOCOL, type PunchMessage } from './messages.ts';
import { isPublicAddress } from './public-address.ts';

interface Components {
  connections: Connections;
  circuits: Circuits;
  ports: LocalPorts;
  upgrader: Upgrader;
  clock: Clock;
  logger: Logger;
}

/** Where the world sees us, and from which port of this machine. */
interface Here {
  address: string;
  port: number;
}

/**
 * Turns a relayed connection into a direct one: both ends dial each other at the same moment, from the port
 * that their NATs already show to the gateway, so that each NAT takes what comes for an answer.
 */
export class HolePuncher {
  readonly #components: Components;
  readonly #limits: Limits;
  readonly #signal: AbortSignal;

  /** @param init.signal Ends what is under way. */
  constructor(components: Components, init: { limits: Limits; signal: AbortSignal }) {
    this.#components = components;
    this.#limits = init.limits;
    this.#signal = init.signal;
  }

  /** By the end that was dialled, as the specification has it: it knows that the connection works. */
  async start(connection: Connection): Promise<void> {
    const { connections, logger } = this.#components;
    const peer = connection.remotePeer.toString();
    const isWanted = () => connection.status === 'open' && !connections.hasDirect(peer);
    for (let attempt = 1; attempt <= this.#limits.punchAttempts && isWanted(); attempt++) {
      try {
        const here = this.#here(connection);
        if (!here) return;
        const direct = await this.#punch(connection, here);
        return logger.info('A direct connection took over', { peer, address: direct.remoteAddr.toString() });
      } catch (error) {
        // Many NATs do not allow it: the relayed connection goes on.
        logger.debug('A direct connection could not be made', { peer, attempt, error });
      }
    }
  }

  /** By the end that dialled. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const { connections, logger } = this.#components;
    const signal = this.#within(this.#limits.negotiationTimeoutMs);
    try {
      const here = this.#here(connection);
      if (!here || connection.direction !== 'outbound') throw new Error('there is nothing to be made direct');
      const { address } = connectMessage(decodePunch(await receive(stream, signal)));
      send(stream, encodePunch({ type: 'connect', address: here.address }));
      if (decodePunch(await receive(stream, signal)).type !== 'sync') throw new Error('it did not say when');
      const direct = await this.#dial(connection, address, here, this.#components.upgrader, true);
      // Over the relayed one it has shown that it trusts us.
      connections.confirm(direct);
      await stream.close();
    } catch (error) {
      logger.debug('A direct connection could not be made', { peer: connection.remotePeer, error });
      stream.abort(error as Error);
    }
  }

  async #punch(connection: Connection, here: Here): Promise<Connection> {
    const { clock, upgrader } = this.#components;
    const signal = this.#within(this.#limits.negotiationTimeoutMs);
    const stream = await connection.newStream(PUNCH_PROTOCOL, { signal });
    try {
      const begun = clock.now();
      send(stream, encodePunch({ type: 'connect', address: here.address }));
      const { address } = connectMessage(decodePunch(await receive(stream, signal)));
      send(stream, encodePunch({ type: 'sync' }));
      // It takes half a round trip to get there; then both dial.
      await wait(clock, (clock.now() - begun) / 2, signal);
      return await this.#dial(connection, address, here, listening(upgrader), false);
    } finally {
      await stream.close().catch((error: Error) => stream.abort(error));
    }
  }

  /** A NAT may turn the first packets away, before it has seen one of ours: so more than once. */
  async #dial(
    relayed: Connection,
    address: string,
    here: Here,
    upgrader: Upgrader,
    initiator: boolean,
  ): Promise<Connection> {
    const { ports, clock } = this.#components;
    if (!isPublicAddress(address)) throw new Error(`${address} is not on the Internet`);
    const signal = this.#within(this.#limits.punchTimeoutMs);
    const options = { localPort: here.port, initiator, upgrader, signal };
    for (;;) {
      try {
        return await ports.dialFrom(address, relayed.remotePeer.toString(), options);
      } catch (error) {
        if (signal.aborted || (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        await wait(clock, this.#limits.punchRetryMs, signal);
      }
    }
  }

  #within(milliseconds: number): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(milliseconds)]);
  }

  /** Undefined when there is nothing to gain, or nobody has told us where we are. */
  #here(relayed: Connection): Here | undefined {
    const { connections, circuits, ports } = this.#components;
    const gateway = gatewayOf(relayed.remoteAddr);
    const connection = gateway && connections.newest(gateway.peerID);
    if (!connection || isRelayed(connection.remoteAddr.toString())) return undefined;
    const [address, port] = [circuits.seenAt(connection), ports.of(connection)];
    if (address === undefined || port === undefined || !isPublicAddress(address)) return undefined;
    return { address, port };
  }
}

function connectMessage(message: PunchMessage): PunchMessage & { type: 'connect' } {
  if (message.type !== 'connect') throw new Error('it did not say where it is');
  return message;
}

/** For the end that is spoken to first: what answers there may be anybody, so it is looked at as at one who dialled us. */
function listening(upgrader: Upgrader): Upgrader {
  const guarded: Pick<Upgrader, 'upgradeOutbound'> = {
    upgradeOutbound: (connection, options) => {
      expectPreamble(connection);
      return upgrader.upgradeOutbound(connection, options);
    },
  };
  return Object.assign(Object.create(upgrader), guarded);
}
