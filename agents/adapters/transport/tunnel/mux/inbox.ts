/** Pieces from here on wait as they are; smaller ones are packed, or one byte could hold on to the 64 KiB it came in. */
const WHOLE_BYTES = 4 * 1024;

/** Bytes that came before their reader asked for them. Takes little more memory than they have. */
export class Inbox {
  readonly #pieces: Buffer[] = [];
  /** The last piece, while there is room behind it. */
  #packed: { memory: Buffer; length: number } | undefined;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Buffer): void {
    this.#bytes += piece.length;
    if (piece.length < WHOLE_BYTES) this.#pack(piece);
    else {
      this.#seal();
      this.#pieces.push(piece);
    }
  }

  /** The next bytes, or undefined when none wait. */
  take(): Buffer | undefined {
    if (this.#pieces.length === 0) this.#seal();
    const piece = this.#pieces.shift();
    this.#bytes -= piece?.length ?? 0;
    return piece;
  }

  #pack(piece: Buffer): void {
    if (this.#packed && this.#packed.length + piece.length > WHOLE_BYTES) this.#seal();
    this.#packed ??= { memory: Buffer.allocUnsafeSlow(WHOLE_BYTES), length: 0 };
    this.#packed.memory.set(piece, this.#packed.length);
    this.#packed.length += piece.length;
  }

  #seal(): void {
    if (this.#packed) this.#pieces.push(this.#packed.memory.subarray(0, this.#packed.length));
    this.#packed = undefined;
  }
}
