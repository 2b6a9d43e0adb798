import { STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import type { Transport } from '../../../controllers/ports/transport.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { Serial } from './serial.ts';
import { serveProtocol } from './serve.ts';
import type { Signer } from './signed-writer.ts';
import { StoreStream } from './store-stream.ts';

export interface StoreServerComponents {
  transport: Transport;
  identity: Signer;
  clock: Clock;
  logger: Logger;
  replayGuard: ReplayGuard;
  /** What a peer may see and do: every request is answered from here and from nowhere else. */
  storeFor(peerID: string): Store;
}

/** Offers a Store to peers: believes only what they signed, and signs what it answers. */
export class StoreServer {
  readonly #components: StoreServerComponents;
  readonly #version: string;
  readonly #writes = new Serial();

  /** @param init.version Of our program; peers that we do not understand are told. */
  constructor(components: StoreServerComponents, init: { version: string }) {
    this.#components = components;
    this.#version = init.version;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { storeFor, clock } = this.#components;
    serveProtocol(this.#components, STORE_PROTOCOL, signal, async (channel, ending) => {
      const store = storeFor(channel.remotePeer);
      const session = { store, clock, writes: this.#writes, version: this.#version };
      await new StoreStream({ ...this.#components, channel, session }).serve(ending);
    });
  }
}
