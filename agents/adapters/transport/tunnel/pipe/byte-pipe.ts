/** What a pipe tells whoever uses it. */
export interface PipeHandler {
  /** Bytes came; they are the handler's from now on. */
  data(bytes: Buffer): void;
  /** After a write that answered false: there is room again. */
  drain(): void;
  /** It is over, called once and last. @param error Why, where it broke; an orderly end has none. */
  closed(error?: Error): void;
}

/** A connection as the multiplexer wants it: bytes both ways, in order. */
export interface BytePipe {
  /** Begins to call the handler. Called once, before all else. */
  start(handler: PipeHandler): void;
  /** Takes all parts, which may not be changed afterwards. False: wait for `drain` before the next write. */
  write(parts: readonly Buffer[]): boolean;
  /** Ends it after what was written. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
}
