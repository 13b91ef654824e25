// What `explain` knows: the state of a task, what is paused, and which workers are alive by the heartbeats that this process
// receives.
import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Pauses, TaskDiagnostics } from '@pulser/context-bus';
import { type AgentHeartbeat, type AgentName, type Explanation, HttpError } from '@pulser/contracts';
import { Broker, MessageConsumer, OnMessage } from '@pulser/messaging';

import { explanationOf, type Workforce } from './explanation.policy.js';

/** Workers send a heartbeat per second; after this long without one a worker counts as silent. Milliseconds. */
const silentAfterMs = 5_000;

/** Silent workers are kept this long, so that `explain` can report for how long they have been silent. Milliseconds. */
const forgottenAfterMs = 100 * silentAfterMs;

@Injectable()
export class LiveWorkers {
  private readonly latest = new Map<string, AgentHeartbeat & { readonly receivedAt: number }>();
  private readonly since = performance.now();

  receive(heartbeat: AgentHeartbeat): void {
    const now = performance.now();
    this.latest.set(heartbeat.instance, { ...heartbeat, receivedAt: now });
    for (const [instance, { receivedAt }] of this.latest) {
      if (now - receivedAt > forgottenAfterMs) this.latest.delete(instance);
    }
  }

  /** Undefined until this process has listened long enough to have a heartbeat of every live worker. */
  workforceOf(agent: AgentName): Workforce | undefined {
    if (performance.now() - this.since < silentAfterMs) return undefined;
    const alive = [...this.latest.values()].filter((one) => one.agent === agent && !isSilent(one.receivedAt));
    return {
      workers: alive.length,
      slots: alive.reduce((sum, { slots }) => sum + slots, 0),
      busy: alive.reduce((sum, { running }) => sum + running, 0),
    };
  }

  /** Milliseconds since the last heartbeat of a silent worker; undefined when it is not silent, or unknown. */
  silenceOf(instance: string): number | undefined {
    const one = this.latest.get(instance);
    if (one === undefined || !isSilent(one.receivedAt)) return undefined;
    return performance.now() - one.receivedAt;
  }
}

const isSilent = (receivedAt: number): boolean => performance.now() - receivedAt > silentAfterMs;

@MessageConsumer()
export class HeartbeatsConsumer {
  constructor(private readonly workers: LiveWorkers) {}

  @OnMessage('agent.heartbeat')
  receive(@Payload() heartbeat: AgentHeartbeat): void {
    this.workers.receive(heartbeat);
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
  ) {}

  /** @throws HttpError `not_found` */
  async explain(tenantId: string, taskId: string): Promise<Explanation> {
    const diagnosis = await this.diagnostics.of(tenantId, taskId);
    if (diagnosis === undefined) throw new HttpError('not_found');
    return explanationOf(diagnosis, {
      broker: this.broker.state,
      pauses: diagnosis.status === 'queued' ? await this.pauses.list(tenantId) : [],
      workforce: this.workers.workforceOf(diagnosis.agent),
      silenceMs: diagnosis.worker === null ? undefined : this.workers.silenceOf(diagnosis.worker),
    });
  }
}
