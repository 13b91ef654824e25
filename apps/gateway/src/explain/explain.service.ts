// What `explain` knows: the state of a task, what is paused, and which workers are alive by the heartbeats that this process
// receives.
import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Pauses, routeOf, TaskDiagnostics, TaskTypes } from '@pulser/context-bus';
import type { AgentHeartbeat, Explanation } from '@pulser/contracts';
import { Broker, LiveWorkers, MessageConsumer, OnMessage } from '@pulser/messaging';

import { TenantStreams } from '../events/tenant-streams.service.js';
import { notFound } from '../rest/parameters.js';
import { explanationOf } from './explanation.policy.js';

@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(
    private readonly workers: LiveWorkers,
    private readonly streams: TenantStreams,
  ) {}

  @OnMessage('agent.heartbeat')
  receive(@Payload() heartbeat: AgentHeartbeat): void {
    if (this.workers.heard(heartbeat)) this.streams.hint(undefined, ['agents']);
  }
}

/** Gathers the state of a task and of what it depends on, and explains why the task is where it is. */
@Injectable()
export class Explanations {
  constructor(
    private readonly diagnostics: TaskDiagnostics,
    private readonly pauses: Pauses,
    private readonly workers: LiveWorkers,
    private readonly broker: Broker,
    private readonly types: TaskTypes,
  ) {}

  /** @throws HttpError `not_found` */
  async explain(tenantId: string, taskId: string): Promise<Explanation> {
    const diagnosis = await this.diagnostics.of(tenantId, taskId);
    if (diagnosis === undefined) throw notFound('task');
    const route = (await this.types.current()).get(diagnosis.taskType);
    const { health } = this.types;
    const isQueued = diagnosis.status === 'queued';
    const taker = isQueued && route !== undefined ? routeOf(route, diagnosis.taskId, health) : diagnosis.agent;
    return explanationOf(diagnosis, {
      broker: this.broker.state,
      pauses: isQueued ? await this.pauses.list(tenantId) : [],
      workforce: this.workers.hasListened() ? this.workers.workforceOf(taker) : undefined,
      route,
      health,
      silenceMs: diagnosis.worker === null ? undefined : this.workers.silenceOf(diagnosis.worker),
    });
  }
}
