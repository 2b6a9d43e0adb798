/** The host names that need a certificate, and who wants to know about them. */
export class WantedHosts {
  #hosts: ReadonlySet<string> = new Set();
  readonly #listeners = new Set<(host: string) => void>();

  /** Replaces them; answers those that are new. */
  replace(hosts: ReadonlySet<string>): string[] {
    const before = this.#hosts;
    this.#hosts = new Set(hosts);
    return [...hosts].filter((host) => !before.has(host));
  }

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#hosts.values();
  }

  /** Tells of every wanted host that `concerns` picks. */
  changed(concerns: (host: string) => boolean): void {
    for (const host of this.#hosts)
      if (concerns(host)) for (const listener of this.#listeners) listener(host);
  }

  onChange(listener: (host: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
