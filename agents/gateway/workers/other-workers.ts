import type { Socket } from 'node:net';
import type { Siblings } from '../data-plane/local-data-plane.ts';
import { holdSocket } from './hold-socket.ts';
import type { FromWorker, MainProcess } from './messages.ts';

export interface OtherWorkersComponents {
  main: MainProcess;
  /** Whether a host name is served, but not from here: no tunnel leads to it. */
  isAway(host: string): boolean;
}

/** On their way to other workers. Beyond that something is wrong, or somebody is up to something. */
const MAX_HANDED_OVER = 256;

type Departure<T = FromWorker> = T extends { read: Uint8Array } ? Omit<T, 'read'> : never;

/** Sends those to other workers who are not for this one, through the main process. */
export class OtherWorkers implements Siblings {
  readonly slot: number;
  readonly #components: OtherWorkersComponents;
  #handedOver = 0;

  constructor(components: OtherWorkersComponents, init: { slot: number }) {
    this.#components = components;
    this.slot = init.slot;
  }

  handOverTunnel(socket: Socket, slot: number): void {
    if (this.#isFull) socket.destroy();
    else void this.#handOver(socket, { type: 'tunnel for', slot });
  }

  /** Whose provider is about to dial this worker again is served by one that it still has a tunnel to. */
  handOverVisitor(socket: Socket, serverName: string): boolean {
    if (this.#isFull || !this.#components.isAway(serverName)) return false;
    void this.#handOver(socket, { type: 'visitor for', host: serverName });
    return true;
  }

  get #isFull(): boolean {
    return this.#handedOver >= MAX_HANDED_OVER;
  }

  async #handOver(socket: Socket, message: Departure): Promise<void> {
    this.#handedOver++;
    await this.#components.main.send({ ...message, read: holdSocket(socket) }, socket);
    this.#handedOver--;
  }
}
