export type MetricLabels = Record<string, string>;

/** Counters and gauges by name; names and units follow Prometheus' conventions. */
export interface Metrics {
  /** Adds to a counter; its name ends in `_total`. */
  increment(name: string, labels?: MetricLabels, by?: number): void;
  /** Sets a gauge. */
  set(name: string, value: number, labels?: MetricLabels): void;
  /** Records a duration into a histogram; its name ends in `_seconds`. */
  observe(name: string, seconds: number, labels?: MetricLabels): void;
}
