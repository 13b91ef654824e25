// The process around services: what they share, and their metrics on one page.
import type { Metrics } from '../metrics/metrics.js';

type Class<T> = abstract new (...args: never) => T;

/** One service of this process and its metrics. */
export interface ServiceMetrics {
  readonly service: string;
  readonly metrics: Metrics;
}

/** What the services of one process share: nothing when a service has its own process, a broker in embedded mode. */
export class SharedResources {
  private readonly resources = new Map<Class<unknown>, unknown>();
  private readonly services: ServiceMetrics[] = [];

  /** Gives every service of this process the same instance of a class, for instance a broker. */
  provide<T>(type: Class<T>, resource: T): this {
    this.resources.set(type, resource);
    return this;
  }

  /** The shared instance of this class; undefined when the service has a process of its own. */
  find<T>(type: Class<T>): T | undefined {
    // Filled by `provide` alone, which ties class and instance together.
    return this.resources.get(type) as T | undefined;
  }

  /** Whether no service has been added: the first one reports the metrics of the process. */
  get isEmpty(): boolean {
    return this.services.length === 0;
  }

  addService(service: ServiceMetrics): void {
    this.services.push(service);
  }

  removeService(metrics: Metrics): void {
    const at = this.services.findIndex((service) => service.metrics === metrics);
    if (at !== -1) this.services.splice(at, 1);
  }

  /** The metrics of all services of this process; with several, each sample has a `service` label. */
  async metricsText(): Promise<string> {
    const [only, ...others] = this.services;
    if (only === undefined) return '';
    if (others.length === 0) return only.metrics.text();
    return mergeTexts(
      await Promise.all(this.services.map(async ({ service, metrics }) => ({ service, text: await metrics.text() }))),
    );
  }
}

interface ServiceText {
  readonly service: string;
  /** In Prometheus text format. */
  readonly text: string;
}

/** Each family once, its samples with a `service` label: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const mergeTexts = (services: readonly ServiceText[]): string => {
  const families = new Map<string, Family>();
  for (const service of services) readInto(families, service);
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n');
};

interface Family {
  readonly head: string[];
  readonly samples: string[];
}

// `# HELP name ...` opens a family; its `# TYPE` and its samples follow until the next one.
const readInto = (families: Map<string, Family>, { service, text }: ServiceText): void => {
  let family: Family = { head: [], samples: [] };
  let first = true;
  for (const line of text.split('\n')) {
    const opened = /^# HELP (\S+)/.exec(line)?.[1];
    if (opened !== undefined) {
      first = !families.has(opened);
      family = families.get(opened) ?? { head: [], samples: [] };
      families.set(opened, family);
    }
    if (line.startsWith('#') && first) family.head.push(line);
    if (line !== '' && !line.startsWith('#')) family.samples.push(labelled(line, service));
  }
};

const labelled = (sample: string, service: string): string =>
  sample.replace(/^([\w:]+)(\{)?/, (_, name: string, brace?: string) =>
    brace === undefined ? `${name}{service="${service}"}` : `${name}{service="${service}",`,
  );
