import type { Logger } from '../../controllers/ports/logger.ts';
import type { Metrics } from '../../controllers/ports/metrics.ts';

/** For tests that are not about what is logged or counted. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

export const silentMetrics: Metrics = { increment() {}, set() {}, observe() {} };
