import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { lineLog } from '../../adapters/system/line-log.ts';
import type { PrometheusMetrics } from '../../adapters/system/metrics.ts';
import type { Certificate } from '../../adapters/transport/tunnel/tls/certificate.ts';
import type { GatewayCertificates } from '../certificates/gateway-certificates.ts';
import { exportCounters } from '../export-counters.ts';
import { exportWorkers } from '../workers/export-workers.ts';
import { forkWorker } from '../workers/processes.ts';
import { WorkerPool, type WorkerPoolInit } from '../workers/worker-pool.ts';
import type { DataPlane } from './data-plane.ts';
import { LocalDataPlane } from './local-data-plane.ts';

interface Components {
  certificates: GatewayCertificates;
  certificate: Certificate;
  clock: Clock;
  logger: Logger;
  metrics: PrometheusMetrics;
}

/** The data plane in as many processes as its owner wants; one needs no other than this. Starts nothing. */
export function createDataPlane(components: Components, init: WorkerPoolInit): DataPlane {
  const plane = init.workers === 1 ? local(components, init) : pool(components, init);
  exportCounters(components.metrics, plane);
  return plane;
}

function local(components: Components, { edge }: WorkerPoolInit): DataPlane {
  const over = new AbortController();
  const plane = new LocalDataPlane({ ...components, log: lineLog(over.signal) }, edge);
  void plane.ended.then(() => over.abort());
  return plane;
}

function pool(components: Components, init: WorkerPoolInit): DataPlane {
  const made = new WorkerPool({ ...components, fork: forkWorker }, init);
  exportWorkers(components.metrics, made);
  return made;
}
