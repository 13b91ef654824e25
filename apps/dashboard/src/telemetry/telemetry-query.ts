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
import { beginOf, type Range } from './range.policy.js';

interface Answers {
  readonly throughput: TelemetryThroughput;
  readonly latency: TelemetryLatency;
  readonly errors: TelemetryErrors;
  readonly depth: TelemetryDepth;
  readonly health: TelemetryHealth;
}

/** A chart is drawn anew when tasks changed, at most so often; and so often without, since its time goes on. */
const freshMs = 30_000;

/** The step is left to the API: finer ones than it chooses are slow. */
export const telemetryQuery = <Kind extends keyof Answers>(kind: Kind, range: Range, query: Query = {}) =>
  queryOptions({
    queryKey: ['telemetry', kind, range, query],
    queryFn: ({ signal }) =>
      api.get<Answers[Kind]>(`/api/v1/telemetry/${kind}`, {
        query: { from: beginOf(range, Date.now()), ...query },
        signal,
      }),
    meta: { liveEveryMs: freshMs, shows: ['tasks', 'agents'] as const },
    staleTime: freshMs,
    refetchInterval: 2 * freshMs,
  });
