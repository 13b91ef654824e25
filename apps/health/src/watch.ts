// The rounds of the leader: signals, judgement, what is done about it, and what is written and published of that.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  AgentActivity,
  type AgentDepth,
  AgentStatuses,
  HealthLease,
  type HourActivity,
  type StatusOrder,
} from '@pulser/context-bus';
import type { AgentName } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Logger, Rounds } from '@pulser/service-kit';

import { HealthEnv } from './health.env.js';
import { Leadership } from './leadership/leadership.js';
import { metricsOf } from './reporting/agent-metrics.js';
import { HealthReports } from './reporting/health-reports.js';
import { AgentFacts, type WorkerFacts } from './signals/agent-facts.js';
import { CanaryRound } from './signals/canary-round.js';
import { type WatchedAgent, WatchedAgents } from './signals/watched-agents.js';
import { AgentState, memoryOf, type Observed, statesOf } from './status/agent-state.js';

const everyMs = 1_000;
/** Rounds between two looks at what tasks did, and at which agents there are. */
const roundsPerLook = 5;
const roundsPerHourLook = 30;
/**
 * After so long a row that says nothing new is written again, so that routers see that a leader looks: they do not believe one
 * that is 15 s old. Not in rounds, which are slow on a loaded machine. Milliseconds.
 */
const touchEveryMs = 4_000;
const roundsPerMemory = 10;

/** What the leader knows in one term. */
interface Term {
  readonly epoch: number;
  readonly states: Map<AgentName, AgentState>;
  agents: readonly WatchedAgent[];
  depths: readonly AgentDepth[];
  hours: readonly HourActivity[];
  written: ReadonlyMap<AgentName, string>;
  /** By the monotonic clock. Milliseconds. */
  writtenAt: number;
}

const countedOf = ({ depths, hours }: Term, wanted: AgentName): Pick<Observed, 'depth' | 'hour'> => ({
  depth: depths.find(({ agent }) => agent === wanted),
  hour: hours.find(({ agent }) => agent === wanted),
});

/** Watches the agents while this process leads. */
@Injectable()
export class Watch implements OnApplicationBootstrap {
  private term: Term | undefined;
  private round = 0;

  constructor(
    private readonly leadership: Leadership,
    private readonly lease: HealthLease,
    private readonly watched: WatchedAgents,
    private readonly facts: AgentFacts,
    private readonly canaries: CanaryRound,
    private readonly activity: AgentActivity,
    private readonly statuses: AgentStatuses,
    private readonly reports: HealthReports,
    private readonly publisher: Publisher,
    private readonly env: HealthEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.look());
  }

  private async look(): Promise<void> {
    const now = performance.now();
    if (!this.facts.continues(now)) this.canaries.discard();
    const { epoch } = this.leadership;
    if (epoch === undefined) {
      if (this.term !== undefined) this.reports.clear();
      this.term = undefined;
      return;
    }
    try {
      this.term = this.term?.epoch === epoch ? this.term : await this.begin(epoch);
      await this.lead(this.term, now);
    } catch (error) {
      // Without the database nothing comes back to it.
      this.canaries.discard();
      throw error;
    }
  }

  private async begin(epoch: number): Promise<Term> {
    this.canaries.discard();
    this.round = 0;
    const states = statesOf(await this.lease.remembered(epoch));
    return { epoch, states, agents: [], depths: [], hours: [], written: new Map(), writtenAt: -Infinity };
  }

  private async lead(term: Term, now: number): Promise<void> {
    if (this.round % roundsPerLook === 0) await this.lookAtTasks(term);
    if (this.round % roundsPerHourLook === 0) term.hours = await this.activity.hour();
    this.round += 1;
    const facts = await this.facts.of(term.agents, now);
    await this.canaries.round(this.tried(term, facts), now, term.epoch);
    const orders = this.decide(term, facts);
    const observed = this.observed(term, facts, orders);
    await this.write(term, orders, observed, now);
    await this.reports.report(observed, term.epoch);
    if (this.round % roundsPerMemory === 0) await this.lease.remember(term.epoch, memoryOf(term.states));
  }

  private async lookAtTasks(term: Term): Promise<void> {
    const [agents, minutes, depths] = await Promise.all([
      this.watched.all(),
      this.activity.minutes(),
      this.activity.depths(),
    ]);
    Object.assign(term, { agents, depths });
    const byAgent = Map.groupBy(minutes, ({ agent }) => agent);
    for (const { agent } of agents) this.stateOf(term, agent).tasksDid(byAgent.get(agent) ?? []);
  }

  private stateOf({ states }: Term, agent: AgentName): AgentState {
    const known = states.get(agent);
    if (known !== undefined) return known;
    const state = new AgentState(agent, undefined, Date.now(), this.env.failoverLimits);
    states.set(agent, state);
    return state;
  }

  private tried(term: Term, facts: ReadonlyMap<AgentName, WorkerFacts>) {
    return term.agents.map(({ agent, taskType }) => ({
      order: { agent, taskType },
      freeForMs: facts.get(agent)?.freeForMs ?? 0,
      isFinishing: facts.get(agent)?.isFinishing === true,
      isWell: this.stateOf(term, agent).status !== 'unhealthy',
    }));
  }

  /** First the status of every agent, then which back-up stands in for which. */
  private decide(term: Term, facts: ReadonlyMap<AgentName, WorkerFacts>): StatusOrder[] {
    for (const watched of term.agents) {
      const { agent } = watched;
      const found = facts.get(agent);
      const seen = found && { facts: found, canary: this.canaries.of(agent), ...countedOf(term, agent) };
      if (seen !== undefined) this.stateOf(term, agent).judge(watched, seen, this.env.statusLimits, this.round);
    }
    return term.agents.map(({ agent, backups }) => {
      const candidates = backups.map((backup) => ({
        agent: backup,
        status: term.states.get(backup)?.status ?? ('healthy' as const),
        workers: facts.get(backup)?.instances ?? 0,
      }));
      return this.stateOf(term, agent).decide(candidates, Date.now(), this.env.failoverLimits);
    });
  }

  private async write(
    term: Term,
    orders: readonly StatusOrder[],
    observed: readonly Observed[],
    now: number,
  ): Promise<void> {
    const texts = new Map(orders.map((order) => [order.agent, JSON.stringify(order)]));
    const isNew = orders.some(({ agent }) => texts.get(agent) !== term.written.get(agent));
    if (!isNew && now - term.writtenAt < touchEveryMs) return;
    const figures = new Map(
      observed.map((one) => [one.watched.agent, metricsOf(one, this.canaries.figures(one.watched.agent))]),
    );
    const measured = orders.map((order) => ({ ...order, figures: figures.get(order.agent) ?? null }));
    const changed = await this.statuses.write(measured, term.epoch);
    Object.assign(term, { written: texts, writtenAt: now });
    for (const order of orders.filter(({ agent }) => changed.includes(agent))) this.announce(order, term.epoch);
  }

  private announce({ agent, status, reasons, share, standIn }: StatusOrder, epoch: number): void {
    this.logger.info({ agent, status, reasons, share, stand_in: standIn, epoch }, 'the health of an agent changed');
    const body = {
      agent,
      status,
      reasons: [...reasons],
      share,
      stand_in: standIn,
      epoch,
      at: new Date().toISOString(),
    };
    // The row is the truth: a router that misses the message reads it within seconds.
    this.publisher.publish('agent.health-changed', body).catch(() => undefined);
  }

  private observed(term: Term, facts: ReadonlyMap<AgentName, WorkerFacts>, orders: readonly StatusOrder[]): Observed[] {
    return term.agents.flatMap((watched) => {
      const { agent } = watched;
      const [found, order] = [facts.get(agent), orders.find((one) => one.agent === agent)];
      if (found === undefined || order === undefined) return [];
      return [{ watched, facts: found, state: this.stateOf(term, agent), order, ...countedOf(term, agent) }];
    });
  }
}
