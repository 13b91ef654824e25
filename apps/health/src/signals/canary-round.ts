// Canaries: each agent gets one through its real queue, and it must come back.
import { randomInt } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { AgentActivity, Canaries, type CanaryOrder, type SentCanary } from '@pulser/context-bus';
import { type AgentName, canaryOperation, maxPriority, systemTenantId } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Metrics } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';
import type { AgentSignals } from '../status/status.policy.js';
import { type Verdict, verdictOf } from './canary.policy.js';

/** An agent that is not well is tried more often, so that its recovery is seen soon. Milliseconds. */
const soonMs = 5_000;
/** The database takes no greater dispatch ids than a PostgreSQL bigint and a JavaScript number hold. */
const maxDispatchId = 2 ** 47;
/** An agent as canaries see it. */
export interface Tried {
  readonly order: CanaryOrder;
  /** All of its workers know canaries, and each has reported a free slot for so long. Milliseconds; 0: some has none. */
  readonly freeForMs: number;
  readonly isWell: boolean;
  /** Tasks of it end. */
  readonly isFinishing: boolean;
}

interface Outstanding extends SentCanary {
  readonly number: number;
  readonly sentAt: number;
}

export interface CanaryFigures {
  /** Of the last one that came back, milliseconds. */
  readonly latencyMs: number | undefined;
  /** Since the process began. */
  readonly lost: number;
}

const nothing: CanaryFigures = { latencyMs: undefined, lost: 0 };

/** The canaries of the leader. */
@Injectable()
export class CanaryRound {
  private readonly outstanding = new Map<AgentName, Outstanding>();
  private readonly judged = new Map<AgentName, NonNullable<AgentSignals['canary']>>();
  private readonly dueAt = new Map<AgentName, number>();
  private readonly kept = new Map<AgentName, CanaryFigures>();
  private readonly sent;
  private readonly lost;
  private number = 0;

  constructor(
    private readonly canaries: Canaries,
    private readonly activity: AgentActivity,
    private readonly publisher: Publisher,
    private readonly env: HealthEnv,
    metrics: Metrics,
  ) {
    const counter = (name: string, help: string) => metrics.counter({ name, help, labelNames: ['agent'] });
    this.sent = counter('pulser_agent_canaries_sent_total', 'Canaries that this process has sent, as the leader');
    this.lost = counter('pulser_agent_canaries_lost_total', 'Those of them that did not come back in time');
  }

  /** The latest that was judged, or is late. */
  of(agent: AgentName): AgentSignals['canary'] {
    return this.judged.get(agent);
  }

  figures(agent: AgentName): CanaryFigures {
    return this.kept.get(agent) ?? nothing;
  }

  /** What is on its way says nothing: broker or database were away, or this process was. */
  discard(): void {
    this.outstanding.clear();
  }

  /** Looks at those on their way, and sends those that are due. @param now of a monotonic clock, milliseconds */
  async round(tried: readonly Tried[], now: number, epoch: number): Promise<void> {
    await this.look(tried, now);
    const due = tried.filter(
      ({ order: { agent }, freeForMs }) =>
        freeForMs > 0 && !this.outstanding.has(agent) && now >= (this.dueAt.get(agent) ?? 0),
    );
    for (const { order, isWell } of due)
      this.dueAt.set(order.agent, now + (isWell ? this.env.HEALTH_CANARY_EVERY_S * 1_000 : soonMs));
    const sent = await this.canaries.send(
      due.map(({ order }) => order),
      epoch,
    );
    await Promise.all(sent.map((canary) => this.dispatch(canary, now)));
  }

  private async dispatch(canary: SentCanary, now: number): Promise<void> {
    const { taskId, taskType, agent } = canary;
    const dispatch = {
      ...{ task_id: taskId, tenant_id: systemTenantId, task_type: taskType },
      ...{ dispatch_id: randomInt(maxDispatchId), payload: { operation: canaryOperation } },
    };
    // One that the broker did not take says nothing of the agent.
    const isSent = await this.publisher.dispatch(agent, [dispatch], maxPriority).then(
      () => true,
      () => false,
    );
    if (!isSent) return;
    this.number += 1;
    this.outstanding.set(agent, { ...canary, number: this.number, sentAt: now });
    this.sent.labels(agent).inc();
    // Shown from the first one on: the first loss is an increase too.
    this.lost.labels(agent).inc(0);
  }

  private async look(tried: readonly Tried[], now: number): Promise<void> {
    const waiting = [...this.outstanding.values()];
    const rows = await this.canaries.progress(waiting.map(({ taskId }) => taskId));
    const late = waiting.filter(({ sentAt }) => now - sentAt >= this.env.HEALTH_CANARY_MS);
    const renewing = new Set(await this.activity.renewing(late.map(({ agent }) => agent)));
    const done = waiting.filter((canary) => {
      const one = tried.find(({ order }) => order.agent === canary.agent);
      const isAlive = one?.isFinishing === true || renewing.has(canary.agent);
      const circumstances = { waitedMs: now - canary.sentAt, freeForMs: one?.freeForMs ?? 0, isAlive };
      const row = rows.find(({ taskId }) => taskId === canary.taskId);
      return this.settle(canary, verdictOf(row, circumstances, this.env.HEALTH_CANARY_MS));
    });
    for (const { agent } of done) this.outstanding.delete(agent);
    await this.canaries.clear(done.map(({ taskId }) => taskId));
  }

  /** @returns whether nothing more is to come of it */
  private settle({ agent, number }: Outstanding, verdict: Verdict): boolean {
    switch (verdict.kind) {
      case 'dropped':
        return true;
      case 'waits':
        return false;
      case 'back':
        if (verdict.isJudged) this.judged.set(agent, { value: verdict.latencyMs, number, isBack: true });
        this.kept.set(agent, { ...this.figures(agent), latencyMs: verdict.latencyMs });
        return true;
      case 'late':
        if (this.judged.get(agent)?.number !== number) this.countLost(agent);
        this.judged.set(agent, { value: verdict.ageMs, number, isBack: false });
        return verdict.isGivenUp;
      default: {
        const none: never = verdict;
        return none;
      }
    }
  }

  private countLost(agent: AgentName): void {
    const before = this.figures(agent);
    this.kept.set(agent, { ...before, lost: before.lost + 1 });
    this.lost.labels(agent).inc();
  }
}
