import type { AgentMetrics } from '@pulser/contracts';

import type { CanaryFigures } from '../signals/canary-round.js';
import type { Observed } from '../status/agent-state.js';

/** What was last measured of an agent, as the API shows it to keys of the installation. */
export const metricsOf = ({ facts, state, depth, hour }: Observed, { latencyMs }: CanaryFigures): AgentMetrics => {
  const ended = hour === undefined ? 0 : hour.completed + hour.failed;
  const [p50, p95, p99] = hour?.runMs ?? [null, null, null];
  return {
    ...{ response_p50_ms: p50, response_p95_ms: p95, response_p99_ms: p99 },
    success_rate: state.outcomes.success ?? null,
    error_rate: hour === undefined || ended === 0 ? null : hour.failed / ended,
    memory_mb: facts.memoryMb ?? null,
    lag_ms: facts.lagMs ?? null,
    queue_depth: Math.max(0, depth?.queued ?? 0),
    canary_ms: latencyMs ?? null,
    consumers: facts.consumers ?? null,
    ...{ instances: facts.instances, slots: facts.slots, running: facts.running },
  };
};
