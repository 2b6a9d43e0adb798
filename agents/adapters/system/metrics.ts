import type { MetricLabels, Metrics } from '../../../controllers/ports/metrics.ts';

/** Upper bounds in seconds: from a no-op reconcile to the pull of a large image. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

interface Histogram {
  counts: number[];
  sum: number;
  count: number;
}

interface Family<T> {
  type: 'counter' | 'gauge' | 'histogram';
  /** By the text of its labels. */
  series: Map<string, T>;
}

/** Metrics in memory, and as Prometheus' text exposition format 0.0.4 wants them. */
export class PrometheusMetrics implements Metrics {
  readonly #numbers = new Map<string, Family<number>>();
  readonly #histograms = new Map<string, Family<Histogram>>();
  readonly #updates: (() => void)[] = [];

  increment(name: string, labels: MetricLabels = {}, by = 1): void {
    const { series } = family(this.#numbers, name, 'counter');
    const id = labelText(labels);
    series.set(id, (series.get(id) ?? 0) + by);
  }

  /** A counter that somebody else counts. */
  total(name: string, value: number, labels: MetricLabels = {}): void {
    family(this.#numbers, name, 'counter').series.set(labelText(labels), value);
  }

  set(name: string, value: number, labels: MetricLabels = {}): void {
    family(this.#numbers, name, 'gauge').series.set(labelText(labels), value);
  }

  observe(name: string, seconds: number, labels: MetricLabels = {}): void {
    const { series } = family(this.#histograms, name, 'histogram');
    const id = labelText(labels);
    const histogram = series.get(id) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
    series.set(id, histogram);
    histogram.sum += seconds;
    histogram.count += 1;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  }

  /** Has it called before the numbers are told, for those that somebody else counts. */
  beforeRender(update: () => void): void {
    this.#updates.push(update);
  }

  /** Everything there is now, and what the process itself uses. */
  render(): string {
    for (const update of this.#updates) update();
    const cpu = process.cpuUsage();
    this.set('process_resident_memory_bytes', process.memoryUsage.rss());
    this.total('process_cpu_seconds_total', (cpu.user + cpu.system) / 1e6);
    const lines = [
      ...[...this.#numbers].flatMap(([name, { type, series }]) => [
        `# TYPE ${name} ${type}`,
        ...[...series].map(([labels, value]) => sample(name, labels, value)),
      ]),
      ...[...this.#histograms].flatMap(([name, { type, series }]) => [
        `# TYPE ${name} ${type}`,
        ...[...series].flatMap(([labels, histogram]) => histogramLines(name, labels, histogram)),
      ]),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function family<T>(families: Map<string, Family<T>>, name: string, type: Family<T>['type']): Family<T> {
  const known = families.get(name) ?? { type, series: new Map<string, T>() };
  if (known.type !== type) throw new TypeError(`${name} is a ${known.type}, not a ${type}`);
  families.set(name, known);
  return known;
}

function histogramLines(name: string, labels: string, { counts, sum, count }: Histogram): string[] {
  let below = 0;
  const buckets = BUCKETS.map((bound, index) => {
    below += counts[index] ?? 0;
    return sample(`${name}_bucket`, join(labels, `le="${bound}"`), below);
  });
  return [
    ...buckets,
    sample(`${name}_bucket`, join(labels, 'le="+Inf"'), count),
    sample(`${name}_sum`, labels, sum),
    sample(`${name}_count`, labels, count),
  ];
}

function sample(name: string, labels: string, value: number): string {
  return `${name}${labels ? `{${labels}}` : ''} ${value}`;
}

function join(labels: string, label: string): string {
  return labels ? `${labels},${label}` : label;
}

function labelText(labels: MetricLabels): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}="${escapeLabel(value)}"`)
    .join(',');
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
