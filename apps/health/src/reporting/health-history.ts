// What was measured becomes rows of minutes, these become hours, and what is old is forgotten.
import { Injectable } from '@nestjs/common';
import { AgentHistory, type AgentSample, AgentStatuses } from '@pulser/context-bus';
import type { AgentName } from '@pulser/contracts';

import { HealthEnv } from '../health.env.js';
import { CanaryRound } from '../signals/canary-round.js';
import type { Observed } from '../status/agent-state.js';

/** Between two writes. Milliseconds. */
const writeEveryMs = 10_000;
const raiseEveryMs = 300_000;
/** One step of the sums: a longer gap was not observed. Seconds. */
const maxStepS = 3;

type Draft = { -readonly [K in keyof AgentSample]: AgentSample[K] };

const greater = (a: number | null, b: number | undefined): number | null =>
  b === undefined ? a : Math.max(a ?? 0, Math.round(b));

@Injectable()
export class HealthHistory {
  private drafts = new Map<AgentName, Draft>();
  private readonly seen = new Map<AgentName, { readonly number: number; readonly lost: number }>();
  private lastAt: number | undefined;
  private writtenAt = 0;
  private raisedAt = 0;

  constructor(
    private readonly history: AgentHistory,
    private readonly statuses: AgentStatuses,
    private readonly canaries: CanaryRound,
    private readonly env: HealthEnv,
  ) {}

  /** @param now of a monotonic clock, milliseconds */
  async note(all: readonly Observed[], now: number, epoch: number): Promise<void> {
    const stepS = Math.min(maxStepS, (now - (this.lastAt ?? now)) / 1_000);
    this.lastAt = now;
    for (const one of all) this.add(one, stepS);
    if (now - this.writtenAt >= writeEveryMs) {
      this.writtenAt = now;
      const samples = [...this.drafts.values()];
      this.drafts = new Map();
      await this.history.note(samples, epoch);
    }
    if (now - this.raisedAt >= raiseEveryMs) {
      this.raisedAt = now;
      await this.history.raise(epoch);
      await this.history.drop(this.env.HEALTH_MINUTES_KEPT_HOURS, this.env.HEALTH_HOURS_KEPT_DAYS);
      await this.statuses.dropChanges(this.env.HEALTH_HOURS_KEPT_DAYS);
    }
  }

  /** Another one leads. */
  clear(): void {
    this.drafts.clear();
    this.seen.clear();
    this.lastAt = undefined;
  }

  private add({ watched: { agent }, facts, order, depth }: Observed, stepS: number): void {
    const draft = this.drafts.get(agent) ?? begun(agent, facts);
    this.drafts.set(agent, draft);
    draft.observedS += stepS;
    if (order.status === 'degraded') draft.degradedS += stepS;
    if (order.status === 'unhealthy') draft.unhealthyS += stepS;
    draft.memoryMb = greater(draft.memoryMb, facts.memoryMb);
    draft.lagMs = greater(draft.lagMs, facts.lagMs);
    draft.instances = Math.min(draft.instances, facts.instances);
    draft.slots = Math.min(draft.slots, facts.slots);
    draft.running = Math.max(draft.running, facts.running);
    draft.depth = Math.max(draft.depth, depth?.queued ?? 0);
    this.addCanary(draft, agent);
  }

  private addCanary(draft: Draft, agent: AgentName): void {
    const canary = this.canaries.of(agent);
    const { lost } = this.canaries.figures(agent);
    const before = this.seen.get(agent) ?? { number: -1, lost };
    this.seen.set(agent, { number: canary?.number ?? -1, lost });
    draft.canariesLost += lost - before.lost;
    if (canary === undefined || !canary.isBack || canary.number === before.number) return;
    draft.canaries += 1;
    draft.canaryMs = (draft.canaryMs ?? 0) + canary.value;
    draft.canaryMaxMs = Math.max(draft.canaryMaxMs ?? 0, canary.value);
  }
}

const begun = (agent: AgentName, { instances, slots }: Pick<AgentSample, 'instances' | 'slots'>): Draft => ({
  agent,
  ...{ observedS: 0, degradedS: 0, unhealthyS: 0, canaries: 0, canariesLost: 0, canaryMs: null, canaryMaxMs: null },
  ...{ memoryMb: null, lagMs: null, instances, slots, running: 0, depth: 0 },
});
