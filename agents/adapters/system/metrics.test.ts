import { PrometheusMetrics } from './metrics.ts';

function linesOf(metrics: PrometheusMetrics, name: string): string[] {
  return metrics
    .render()
    .split('\n')
    .filter((line) => line.includes(name));
}

describe('PrometheusMetrics', () => {
  it('adds up counters, by their labels in any order', () => {
    const metrics = new PrometheusMetrics();
    metrics.increment('runs_total', { controller: 'a', result: 'success' });
    metrics.increment('runs_total', { result: 'success', controller: 'a' }, 2);
    metrics.increment('runs_total', { controller: 'b', result: 'error' });
    expect(linesOf(metrics, 'runs_total')).toEqual([
      '# TYPE runs_total counter',
      'runs_total{controller="a",result="success"} 3',
      'runs_total{controller="b",result="error"} 1',
    ]);
  });

  it('shows the last value of a gauge', () => {
    const metrics = new PrometheusMetrics();
    metrics.set('depth', 3);
    metrics.set('depth', 1);
    expect(linesOf(metrics, 'depth')).toEqual(['# TYPE depth gauge', 'depth 1']);
  });

  it('counts durations into cumulative buckets', () => {
    const metrics = new PrometheusMetrics();
    for (const seconds of [0.001, 0.7, 7, 1_000]) metrics.observe('run_seconds', seconds, { name: 'a' });
    const lines = linesOf(metrics, 'run_seconds');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE run_seconds histogram',
        'run_seconds_bucket{name="a",le="0.001"} 1',
        'run_seconds_bucket{name="a",le="0.5"} 1',
        'run_seconds_bucket{name="a",le="1"} 2',
        'run_seconds_bucket{name="a",le="300"} 3',
        'run_seconds_bucket{name="a",le="+Inf"} 4',
        'run_seconds_sum{name="a"} 1007.701',
        'run_seconds_count{name="a"} 4',
      ]),
    );
  });

  it('escapes what would end a label early', () => {
    const metrics = new PrometheusMetrics();
    metrics.set('peers', 1, { name: 'a"\\\nb' });
    expect(linesOf(metrics, 'peers{')).toEqual(['peers{name="a\\"\\\\\\nb"} 1']);
  });

  it('shows what the process itself uses', () => {
    const text = new PrometheusMetrics().render();
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total [\d.]+$/m);
  });

  it('refuses one name for two types', () => {
    const metrics = new PrometheusMetrics();
    metrics.set('depth', 1);
    expect(() => metrics.increment('depth')).toThrow('depth is a gauge, not a counter');
  });
});
