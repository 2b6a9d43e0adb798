import type { PrometheusMetrics } from '../adapters/system/metrics.ts';
import type { DataPlane } from './data-plane/data-plane.ts';
import { type Counters, GAUGES } from './ingress/http1/observer.ts';

/** Shows what the edge counts as metrics: `peercompute_gateway_requests_total`, `peercompute_gateway_connections`. */
export function exportCounters(
  metrics: Pick<PrometheusMetrics, 'beforeRender' | 'set' | 'total'>,
  plane: Pick<DataPlane, 'counters' | 'tunnelCount'>,
): void {
  metrics.beforeRender(() => {
    metrics.set(metricName('tunnels'), plane.tunnelCount);
    for (const [name, value] of Object.entries(plane.counters) as [keyof Counters, number][]) {
      if (GAUGES.includes(name)) metrics.set(metricName(name), value);
      else metrics.total(`${metricName(name)}_total`, value);
    }
  });
}

function metricName(name: string): string {
  return `peercompute_gateway_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
