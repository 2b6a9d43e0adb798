/**
 * The items of all sources as they come, each source's in order. Takes one item of a source at a time, so that
 * back-pressure reaches it. The first failure ends all; whoever stops reading stops the sources, each once
 * it has another item or ends.
 */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const inbox = new Inbox<T>(sources.length);
  for (const source of sources) void inbox.fill(source);
  try {
    for (let next = await inbox.take(); next; next = await inbox.take()) yield next.value;
  } finally {
    inbox.close();
  }
}

interface Item<T> {
  value: T;
  taken(): void;
}

class Inbox<T> {
  readonly #items: Item<T>[] = [];
  #open: number;
  #closed = false;
  #failure: { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(open: number) {
    this.#open = open;
  }

  async fill(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const value of source) {
        await new Promise<void>((taken) => {
          this.#items.push({ value, taken });
          this.#changed.resolve();
        });
        if (this.#closed) return;
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#open -= 1;
      this.#changed.resolve();
    }
  }

  /** The next item; undefined when every source has ended. */
  async take(): Promise<Item<T> | undefined> {
    for (;;) {
      const item = this.#items.shift();
      item?.taken();
      if (item) return item;
      if (this.#failure) throw this.#failure.error;
      if (this.#open === 0) return undefined;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
  }

  close(): void {
    this.#closed = true;
    for (const { taken } of this.#items) taken();
  }
}
