import type { Store } from './store.ts';

/** A peer is a Store reached over a signed stream. */
export interface Peers {
  /** The peer's Store as it shows it to us: only our own objects. Connects when first used. */
  store(peerID: string): Store;
}
