import type { PrometheusMetrics } from '../adapters/system/metrics.ts';
import type { Counters } from './ingress/http1/observer.ts';

/** Of these, how many there are now; the others only grow. */
const GAUGES: readonly (keyof Counters)[] = ['connections', 'active'];

/** Shows what the edge counts as metrics: `peercompute_gateway_requests_total`, `peercompute_gateway_connections`. */
export function exportCounters(
  metrics: Pick<PrometheusMetrics, 'beforeRender' | 'set' | 'total'>,
  counters: Counters,
  tunnels: { readonly size: number },
): void {
  metrics.beforeRender(() => {
    metrics.set(metricName('tunnels'), tunnels.size);
    for (const [name, value] of Object.entries(counters) as [keyof Counters, number][]) {
      if (GAUGES.includes(name)) metrics.set(metricName(name), value);
      else metrics.total(`${metricName(name)}_total`, value);
    }
  });
}

function metricName(name: string): string {
  return `peercompute_gateway_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
