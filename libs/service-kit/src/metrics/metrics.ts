// The metrics of one service.
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
  type Metric,
} from 'prom-client';

// So that services do not depend on prom-client.
export type { Counter, Gauge, Histogram } from 'prom-client';

export interface MetricsOptions {
  /** CPU, memory, garbage collection and event-loop lag: once per process, however many services live in it. */
  readonly process?: boolean;
}

// Gauges with the name of a counter, which promtool refuses; each is the sum of a metric that is kept.
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

// The registry is always this object's.
type Described<C> = Omit<C, 'registers'>;

/**
 * The metrics of one service, in a registry of its own. Asking twice for a name gives the same metric.
 *
 * A hot path resolves its children once and keeps them, so that an observation allocates nothing:
 * `const finished = counter.labels('maya'); ... finished.inc();`
 */
export class Metrics {
  private readonly registry = new Registry();

  constructor(options: MetricsOptions = {}) {
    if (options.process !== true) return;
    collectDefaultMetrics({ register: this.registry });
    for (const name of misnamed) this.registry.removeSingleMetric(name);
  }

  counter<L extends string = never>(config: Described<CounterConfiguration<L>>): Counter<L> {
    return this.known(config.name, Counter<L>) ?? new Counter({ ...config, registers: [this.registry] });
  }

  gauge<L extends string = never>(config: Described<GaugeConfiguration<L>>): Gauge<L> {
    return this.known(config.name, Gauge<L>) ?? new Gauge({ ...config, registers: [this.registry] });
  }

  histogram<L extends string = never>(config: Described<HistogramConfiguration<L>>): Histogram<L> {
    return this.known(config.name, Histogram<L>) ?? new Histogram({ ...config, registers: [this.registry] });
  }

  /** Prometheus text format 0.0.4. */
  async text(): Promise<string> {
    return this.registry.metrics();
  }

  private known<M extends Metric>(name: string, kind: new (...args: never) => M): M | undefined {
    const metric: unknown = this.registry.getSingleMetric(name);
    if (metric === undefined || metric instanceof kind) return metric;
    throw new Error(`the metric ${name} exists with another type`);
  }
}

/** The children of a metric with one label, resolved once: `const finished = children(counter, builtInAgents)`. */
export const children = <const V extends string, C>(
  metric: { labels(value: string): C },
  values: readonly V[],
): Readonly<Record<V, C>> => Object.fromEntries(values.map((value) => [value, metric.labels(value)])) as Record<V, C>;
