/** More than this many at a time are not worth telling apart. */
const MAX_KEYS = 1000;

/**
 * Keys that wait for a reader: each once, in the order they came, and never more than a bounded number, beyond
 * which one undefined ("any of them") stands for all.
 */
export class Mailbox {
  #keys = new Set<string | undefined>();
  #wake: (() => void) | undefined;

  put(key: string | undefined): void {
    if (this.#keys.size >= MAX_KEYS) this.#keys = new Set([undefined]);
    this.#keys.add(key);
    this.#wake?.();
  }

  /** What was put, until the signal aborts. One reader only. */
  async *take(signal: AbortSignal): AsyncGenerator<string | undefined> {
    const wake = () => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const [next] = this.#keys;
        if (this.#keys.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#keys.delete(next)) yield next;
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}
