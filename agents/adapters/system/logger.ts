import { type DestinationStream, destination, type Logger as Pino, pino } from 'pino';
import type { LogFields, Logger } from '../../../controllers/ports/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerInit {
  /** Lines below it are not written. Default: info. */
  level?: LogLevel;
  /** Where lines go. Default: stderr, at once, so that the last words of a crash are not lost. */
  stream?: DestinationStream;
}

/** One JSON object a line: level as a word, time as RFC 3339, fields, message. */
export function createLogger({
  level = 'info',
  stream = destination({ fd: 2, sync: true }),
}: LoggerInit = {}): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: (error: unknown) => describeError(error, level === 'debug') },
  };
  return wrap(pino(options, stream));
}

/** Our argument order: what happened, then its fields. */
function wrap(inner: Pino): Logger {
  return {
    debug: (message, fields) => inner.debug(fields, message),
    info: (message, fields) => inner.info(fields, message),
    warn: (message, fields) => inner.warn(fields, message),
    error: (message, fields) => inner.error(fields, message),
    child: (fields: LogFields) => wrap(inner.child(fields)),
  };
}

/** An error and what caused it. Whoever debugs also wants to know where. */
function describeError(error: unknown, withStack: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const { reason, code } = error as { reason?: unknown; code?: unknown };
  return {
    name,
    message,
    ...(reason !== undefined && { reason }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause: describeError(cause, withStack) }),
    ...(withStack && { stack }),
  };
}
