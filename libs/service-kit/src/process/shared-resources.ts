import type { Metrics } from '../metrics/metrics.js';

type Class<T> = abstract new (...args: never) => T;

/** The process around services: empty around one of its own, full of shared parts in embedded mode. */
export class SharedResources {
  private readonly parts = new Map<Class<unknown>, unknown>();
  private readonly services: ServiceMetrics[] = [];

  /** Gives every service of this process the same instance of something, for instance a broker. */
  share<T>(type: Class<T>, part: T): this {
    this.parts.set(type, part);
    return this;
  }

  /** What the process shares under this class; undefined in a process of the service's own. */
  find<T>(type: Class<T>): T | undefined {
    // Filled by `share` alone, which ties class and instance together.
    return this.parts.get(type) as T | undefined;
  }

  /** Whether a service started now is the first, which then speaks for the process in its metrics. */
  get isEmpty(): boolean {
    return this.services.length === 0;
  }

  enter(service: ServiceMetrics): void {
    this.services.push(service);
  }

  leave(metrics: ServiceMetrics['metrics']): void {
    const at = this.services.findIndex((service) => service.metrics === metrics);
    if (at !== -1) this.services.splice(at, 1);
  }

  /** The metrics of all services here, told apart by a `service` label when there are several. */
  async metricsText(): Promise<string> {
    const [only, ...others] = this.services;
    if (only === undefined) return '';
    return others.length === 0 ? only.metrics.text() : mergedText(this.services);
  }
}

export interface ServiceMetrics {
  readonly service: string;
  readonly metrics: Metrics;
}

/** The metrics of several services of one process as one page, told apart by a `service` label. */
export const mergedText = async (services: readonly ServiceMetrics[]): Promise<string> =>
  mergeTexts(
    await Promise.all(services.map(async ({ service, metrics }) => ({ service, text: await metrics.text() }))),
  );

/** A service's metrics in text format. */
export interface ServiceText {
  readonly service: string;
  readonly text: string;
}

interface Family {
  readonly head: string[];
  readonly samples: string[];
}

const labelled = (sample: string, service: string): string =>
  sample.replace(/^([\w:]+)(\{)?/, (_, name: string, brace?: string) =>
    brace === undefined ? `${name}{service="${service}"}` : `${name}{service="${service}",`,
  );

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

/**
 * Several services' metrics as one page: each family once, its samples told apart by a `service` label.
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const mergeTexts = (services: readonly ServiceText[]): string => {
  const families = new Map<string, Family>();
  for (const service of services) readInto(families, service);
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n');
};
