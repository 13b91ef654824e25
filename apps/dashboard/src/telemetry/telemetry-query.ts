// Figures of a time that ends now: `GET /api/v1/telemetry/…`.
import type {
  TelemetryDepth,
  TelemetryErrors,
  TelemetryHealth,
  TelemetryLatency,
  TelemetryThroughput,
} from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api, type Query } from '../api/client.js';
import { beginOf, freshFor, type Range } from './range.policy.js';

interface Answers {
  readonly throughput: TelemetryThroughput;
  readonly latency: TelemetryLatency;
  readonly errors: TelemetryErrors;
  readonly depth: TelemetryDepth;
  readonly health: TelemetryHealth;
}

/** Figures are asked for anew when tasks changed, and after so many milliseconds without: their time goes on, and agents fall silent. */
const withoutChangeMs = { numbers: 15_000, chart: 60_000 } as const;

/** The step is left to the API: finer ones than it chooses are slow. */
export const telemetryQuery = <Kind extends keyof Answers>(kind: Kind, range: Range, query: Query = {}) => {
  const drawn = kind === 'health' ? 'numbers' : 'chart';
  const freshMs = freshFor(drawn, range);
  return queryOptions({
    queryKey: ['telemetry', kind, range, query],
    queryFn: ({ signal }) =>
      api.get<Answers[Kind]>(`/api/v1/telemetry/${kind}`, {
        query: { from: beginOf(range, Date.now()), ...query },
        signal,
      }),
    meta: { liveEveryMs: freshMs, shows: ['tasks', 'agents'] as const },
    staleTime: freshMs,
    refetchInterval: withoutChangeMs[drawn],
  });
};
