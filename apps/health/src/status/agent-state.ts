// What the leader holds of one agent from round to round, and what of it the next leader goes on from.
import type { AgentDepth, HourActivity, MinuteActivity, StatusOrder } from '@pulser/context-bus';
import type { AgentName, AgentStatus } from '@pulser/contracts';
import { z } from 'zod';

import {
  type Candidate,
  decide,
  type FailoverLimits,
  type FailoverMemory,
  untouched,
} from '../failover/failover.policy.js';
import type { WorkerFacts } from '../signals/agent-facts.js';
import { OutcomesMemory, RecentOutcomes } from '../signals/recent-outcomes.js';
import type { WatchedAgent } from '../signals/watched-agents.js';
import { type AgentSignals, judge, type StatusLimits, type StatusMemory } from './status.policy.js';

const AgentMemory = z.object({
  holds: z.record(z.string(), z.string()),
  failover: z.object({
    share: z.number(),
    standIn: z.string().nullable(),
    calmSince: z.number(),
    changedAt: z.number(),
    failedOverAt: z.number().nullable(),
    coolDownMs: z.number(),
  }),
  outcomes: OutcomesMemory,
});
type AgentMemory = z.infer<typeof AgentMemory>;

/** As it is kept in the row of the lease. */
const LeaderMemory = z.object({ agents: z.record(z.string(), AgentMemory) });
export type LeaderMemory = z.infer<typeof LeaderMemory>;

/** What one round saw of an agent. */
interface Seen {
  readonly facts: WorkerFacts;
  readonly canary: AgentSignals['canary'];
  readonly depth: AgentDepth | undefined;
  readonly hour: HourActivity | undefined;
}

/** The state of one agent. */
export class AgentState {
  readonly outcomes: RecentOutcomes;
  private findings: StatusMemory;
  private failover: FailoverMemory;
  private current: { readonly status: AgentStatus; readonly reasons: readonly string[] };

  /** @param now milliseconds since 1970 */
  constructor(
    readonly agent: AgentName,
    memory: AgentMemory | undefined,
    now: number,
    limits: FailoverLimits,
  ) {
    this.outcomes = new RecentOutcomes(memory?.outcomes);
    this.failover = memory?.failover ?? untouched(now, limits);
    this.findings = Object.fromEntries(
      Object.entries(memory?.holds ?? {}).map(([name, words]) => [
        name,
        { holds: true, contrary: 0, number: -1, words },
      ]),
    );
    this.current = { status: 'healthy', reasons: [] };
  }

  get status(): AgentStatus {
    return this.current.status;
  }

  get memory(): AgentMemory {
    const holding = Object.entries(this.findings).filter(([, { holds }]) => holds);
    return {
      holds: Object.fromEntries(holding.map(([name, { words }]) => [name, words])),
      failover: this.failover,
      outcomes: this.outcomes.memory,
    };
  }

  tasksDid(minutes: readonly MinuteActivity[]): void {
    this.outcomes.add(minutes, this.status === 'healthy');
  }

  judge(
    { agent, memoryMb: limitMb, timeLimitMs }: WatchedAgent,
    { facts, canary, depth, hour }: Seen,
    limits: StatusLimits,
    round: number,
  ): void {
    const { instances, silentMs, leftMs, consumers, lagMs, memoryMb, stuckForMs } = facts;
    const { slowness, errors } = this.outcomes;
    const signals: AgentSignals = {
      ...{ agent, instances, silentMs, leftMs, consumers, canary, slowness, errors },
      lag: lagMs === undefined ? undefined : { value: lagMs, number: round },
      memory:
        memoryMb === undefined || limitMb === undefined ? undefined : { value: memoryMb / limitMb, number: round },
      progress: { stuckForMs, waiting: depth?.queued ?? 0, p99Ms: hour?.runMs?.[2], timeLimitMs },
    };
    const { status, reasons, memory } = judge(this.findings, signals, limits, round);
    this.findings = memory;
    this.current = { status, reasons };
  }

  /** @param now milliseconds since 1970 */
  decide(candidates: readonly Candidate[], now: number, limits: FailoverLimits): StatusOrder {
    const { status, reasons } = this.current;
    this.failover = decide(this.failover, status, candidates, now, limits);
    const { share, standIn } = this.failover;
    return { agent: this.agent, status, reasons, share, standIn };
  }
}

/** What the leader of before noted; one that cannot be read is begun anew. */
export const statesOf = (memory: unknown): Map<AgentName, AgentState> => {
  const { agents } = LeaderMemory.catch({ agents: {} }).parse(memory);
  const states = Object.entries(agents).map(
    ([agent, one]) => [agent, new AgentState(agent, one, 0, { coolDownMs: 0, stepMs: 0 })] as const,
  );
  return new Map(states);
};

export const memoryOf = (states: ReadonlyMap<AgentName, AgentState>): LeaderMemory => ({
  agents: Object.fromEntries([...states].map(([agent, state]) => [agent, state.memory])),
});

/** What one round found of an agent, for metrics, history and incidents. */
export interface Observed extends Omit<Seen, 'canary'> {
  readonly watched: WatchedAgent;
  readonly state: AgentState;
  readonly order: StatusOrder;
}
