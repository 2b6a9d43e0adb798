import { PrometheusMetrics } from '../adapters/system/metrics.ts';
import { exportCounters } from './export-counters.ts';
import { newCounters } from './ingress/http1/observer.ts';

test('What the edge counts is told as it is when it is asked for', () => {
  const [metrics, counters] = [new PrometheusMetrics(), newCounters()];
  exportCounters(metrics, { counters, tunnelCount: 2 });
  Object.assign(counters, { requests: 7, bytesIn: 100, connections: 3 });
  const text = metrics.render();
  expect(text).toContain(
    '# TYPE peercompute_gateway_requests_total counter\npeercompute_gateway_requests_total 7\n',
  );
  expect(text).toContain('# TYPE peercompute_gateway_connections gauge\npeercompute_gateway_connections 3\n');
  expect(text).toContain('peercompute_gateway_bytes_in_total 100\n');
  expect(text).toContain('peercompute_gateway_tunnels 2\n');
  counters.requests = 8;
  expect(metrics.render()).toContain('peercompute_gateway_requests_total 8\n');
});
