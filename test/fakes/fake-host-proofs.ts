import { proofRecord } from '../../api/protocol/host-proof.ts';
import type { HostProofs } from '../../controllers/ports/host-proofs.ts';

/** A DNS that a test writes. */
export class FakeHostProofs implements HostProofs {
  /** Whether it answers nothing. */
  fails = false;
  /** How often it was asked. */
  looks = 0;
  readonly #records = new Map<string, string[]>();

  /** Makes this the TXT records of a name. */
  publish(name: string, values: readonly string[]): void {
    this.#records.set(name, [...values]);
  }

  /** Gives a host name to a peer, as its holder would. */
  give(host: string, peerID: string): void {
    const { name, value } = proofRecord(host, peerID);
    this.publish(name, [value]);
  }

  async verify(host: string, owner: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    this.looks += 1;
    const { name, value } = proofRecord(host, owner);
    if (!this.fails && this.#records.get(name)?.includes(value)) return undefined;
    return `${this.fails ? 'no answer' : 'not there'}: ${name} TXT "${value}"`;
  }
}
