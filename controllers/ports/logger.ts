/** Fields of a log line. Never env values, keys or envelopes. */
export type LogFields = Record<string, unknown>;

/** Structured log; messages are in the past tense. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}
