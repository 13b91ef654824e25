import { mergeTexts } from './merged-text.policy.js';
import type { Metrics } from './metrics.js';

export interface ServiceMetrics {
  readonly service: string;
  readonly metrics: Metrics;
}

/** The metrics of several services of one process as one page, told apart by a `service` label. */
export const mergedText = async (services: readonly ServiceMetrics[]): Promise<string> =>
  mergeTexts(
    await Promise.all(services.map(async ({ service, metrics }) => ({ service, text: await metrics.text() }))),
  );
