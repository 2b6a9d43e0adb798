import { ChunkedBody } from './chunked.ts';
import type { Framing } from './head/framing.ts';
import type { HeadLines } from './head/lines.ts';

/** Says where a body ends, and looks at no more of it than that takes. */
export interface Body {
  /**
   * Takes bytes from `start` on, at most to the end of the buffer. Answers the position behind the last one that
   * belongs to the body, or -1 when they are not what a body is made of: then nothing of this buffer may be relayed.
   */
  take(bytes: Buffer, start: number): number;
  /** Whether the last byte of the body has been taken. */
  readonly done: boolean;
  /** What came behind the last chunk, once the body is done. Good until the next bytes are read. */
  readonly trailers?: HeadLines | undefined;
}

/** Takes the parts of a body, without what frames them. */
export type Content = (part: Buffer) => void;

const NOTHING: Body = { take: (_, start) => start, done: true };

export function bodyOf(framing: Framing, content?: Content): Body {
  if (framing === 'none' || framing === 0) return NOTHING;
  if (framing === 'chunked') return new ChunkedBody(content);
  return new LengthBody(framing === 'until close' ? Number.POSITIVE_INFINITY : framing, content);
}

class LengthBody implements Body {
  readonly #content: Content | undefined;
  #left: number;

  constructor(length: number, content?: Content) {
    this.#left = length;
    this.#content = content;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  take(bytes: Buffer, start: number): number {
    const taken = Math.min(bytes.length - start, this.#left);
    this.#left -= taken;
    this.#content?.(bytes.subarray(start, start + taken));
    return start + taken;
  }
}
