import type { PrometheusMetrics } from '../../adapters/system/metrics.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Shows what each worker does, and what it uses: `peercompute_gateway_worker_requests_total{worker="0"}`. */
export function exportWorkers(
  metrics: Pick<PrometheusMetrics, 'beforeRender' | 'set' | 'total'>,
  pool: Pick<WorkerPool, 'slots'>,
): void {
  const name = (rest: string) => `peercompute_gateway_worker_${rest}`;
  metrics.beforeRender(() => {
    for (const { slot, phase, counters, tunnels, usage } of pool.slots) {
      const labels = { worker: String(slot) };
      metrics.set(name('up'), phase === 'ready' ? 1 : 0, labels);
      metrics.set(name('connections'), counters.connections, labels);
      metrics.set(name('tunnels'), tunnels.size, labels);
      metrics.set(name('resident_memory_bytes'), usage.residentBytes, labels);
      metrics.set(name('cpu_seconds'), usage.cpuSeconds, labels);
      metrics.total(name('requests_total'), counters.requests, labels);
    }
  });
}
