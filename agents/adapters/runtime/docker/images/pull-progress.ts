/** A line of the engine's answer to a pull. */
export interface ProgressMessage {
  /** Of the layer. */
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

/** Bytes that travel, summed over the layers that the engine has told of so far. */
export class LayerProgress {
  readonly #layers = new Map<string, { current: number; total: number }>();

  /** Answers whether the sums moved. */
  add({ id, status, progressDetail }: ProgressMessage): boolean {
    if (id === undefined) return false;
    const { current = 0, total = 0 } = progressDetail ?? {};
    const known = this.#layers.get(id);
    if (status === 'Downloading' && total > 0) this.#layers.set(id, { current, total });
    else if (status === 'Download complete' && known) known.current = known.total;
    else return false;
    return true;
  }

  get currentBytes(): number {
    return this.#sum('current');
  }

  get totalBytes(): number {
    return this.#sum('total');
  }

  #sum(member: 'current' | 'total'): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + layer[member], 0);
  }
}
