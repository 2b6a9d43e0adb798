import type { Tunnel } from '../../adapters/transport/tunnel/tunnel.ts';

/** The tunnels that providers hold to this process. */
export class TunnelTable {
  readonly #tunnels = new Map<string, Tunnel>();
  readonly #listeners = new Set<(provider: string) => void>();

  /** A peer that dials anew knows better than we whether its old tunnel still lives. */
  add(tunnel: Tunnel): void {
    const { peerID } = tunnel;
    const before = this.#tunnels.get(peerID);
    this.#tunnels.set(peerID, tunnel);
    before?.close();
    void tunnel.closed.then(() => this.#forget(tunnel));
    this.#tell(peerID);
  }

  get size(): number {
    return this.#tunnels.size;
  }

  get(provider: string): Tunnel | undefined {
    return this.#tunnels.get(provider);
  }

  /** Closes the tunnels of all others. */
  retain(peerIDs: ReadonlySet<string>): void {
    for (const [peerID, tunnel] of this.#tunnels) if (!peerIDs.has(peerID)) tunnel.close();
  }

  /** Calls back with a peer ID when its tunnel comes up or goes down; the returned function unsubscribes. */
  onChange(listener: (provider: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #forget(tunnel: Tunnel): void {
    if (this.#tunnels.get(tunnel.peerID) !== tunnel) return;
    this.#tunnels.delete(tunnel.peerID);
    this.#tell(tunnel.peerID);
  }

  #tell(provider: string): void {
    for (const listener of this.#listeners) listener(provider);
  }
}
