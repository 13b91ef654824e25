import { Injectable } from '@nestjs/common';
import { BulkReplays, ServedTaskTypes, submissionRefusal, type TaskKind } from '@pulser/context-bus';
import { agentByTaskType, type Replayed, type ReplayMany, retryLimits, type TaskType } from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import type { RequestCaller } from '../access/caller.js';
import { GatewayMetrics } from '../gateway.metrics.js';

const kindOf = (task_type: TaskType): TaskKind => ({
  task_type,
  agent: agentByTaskType[task_type],
  max_attempts: retryLimits[task_type].maxRetries + 1,
});

/** Submits many failed tasks once more, as they were. */
@Injectable()
export class ManyReplays {
  constructor(
    private readonly replays: BulkReplays,
    private readonly served: ServedTaskTypes,
    private readonly tracer: Tracer,
    private readonly metrics: GatewayMetrics,
  ) {}

  async replay(caller: RequestCaller, { filter, rate_per_s, limit }: ReplayMany): Promise<Replayed> {
    const { tenantId, actor } = caller;
    const types = [...(await this.served.current())].filter((type) => submissionRefusal(caller, type) === undefined);
    const kinds = types.map(kindOf);
    const order = { filter, limit, ratePerS: rate_per_s, kinds, actor, traceparent: this.tracer.current() };
    const { replayed, ...left } = await this.replays.replay(tenantId, order);
    for (const { taskType, tasks } of replayed) this.metrics.submitted[taskType].created.inc(tasks);
    return { replayed: replayed.reduce((sum, { tasks }) => sum + tasks, 0), ...left };
  }
}
