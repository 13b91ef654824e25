import { mergedText, type ServiceMetrics } from '../metrics/merged-text.js';

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
