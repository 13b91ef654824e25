// Hands what the leader finds over to the incidents: each change once, and what lasts now and then.
import { Injectable } from '@nestjs/common';
import { AgentActivity, type Finding, Incidents } from '@pulser/context-bus';
import type { AgentName } from '@pulser/contracts';
import { Broker, type BrokerState } from '@pulser/messaging';

import { HealthEnv } from '../health.env.js';
import { McpCoordinators } from '../signals/mcp-coordinators.js';
import type { Observed } from '../status/agent-state.js';
import {
  agentFinding,
  backlogFinding,
  brokerFindings,
  deadLettersFinding,
  type Reading,
  withReading,
} from './findings.policy.js';

/** Between two looks at counts. Milliseconds. */
const countEveryMs = 30_000;
/** What goes on is said again after so long: its words may have changed. Milliseconds. */
const repeatMs = 60_000;

@Injectable()
export class AgentIncidents {
  /** Open incidents, with what was last said of them and when. */
  private open: Map<string, { readonly text: string; readonly at: number }> | undefined;
  private readonly backlogs = new Map<AgentName, Reading[]>();
  private deadLetters: Reading[] = [];
  private countedAt = -Infinity;
  private broker: { readonly state: BrokerState; readonly since: number } | undefined;

  constructor(
    private readonly incidents: Incidents,
    private readonly activity: AgentActivity,
    private readonly messages: Broker,
    private readonly coordinators: McpCoordinators,
    private readonly env: HealthEnv,
  ) {}

  /** @param now of a monotonic clock, milliseconds */
  async report(all: readonly Observed[], now: number, epoch: number): Promise<void> {
    this.open ??= new Map((await this.incidents.openKeys()).map((key) => [key, { text: '', at: -Infinity }]));
    const { state } = this.messages;
    if (this.broker?.state !== state) this.broker = { state, since: now };
    await this.note(brokerFindings(state, this.messages.alarm, now - this.broker.since), now, epoch);
    await this.note(
      all.map(({ order, facts }) => agentFinding(order, facts.instances)),
      now,
      epoch,
    );
    if (state === 'up') {
      const listeningMs = now - this.broker.since;
      await this.note(this.coordinators.findings(now, listeningMs, [...this.open.keys()]), now, epoch);
    }
    if (now - this.countedAt < countEveryMs) return;
    this.countedAt = now;
    await this.note(await this.counts(all, now), now, epoch);
  }

  /** Another one leads. */
  clear(): void {
    this.open = undefined;
    this.backlogs.clear();
    this.deadLetters = [];
    this.broker = undefined;
  }

  private async counts(all: readonly Observed[], now: number): Promise<(Finding | undefined)[]> {
    this.deadLetters = withReading(this.deadLetters, { at: now, value: await this.activity.openDeadLetters() });
    const backlogs = all.map(({ watched: { agent }, depth }) => {
      const readings = withReading(this.backlogs.get(agent) ?? [], { at: now, value: depth?.queued ?? 0 });
      this.backlogs.set(agent, readings);
      return backlogFinding(agent, readings, this.env.HEALTH_BACKLOG_TASKS);
    });
    return [...backlogs, deadLettersFinding(this.deadLetters, this.env.HEALTH_DEAD_LETTERS)];
  }

  private async note(findings: readonly (Finding | undefined)[], now: number, epoch: number): Promise<void> {
    for (const finding of findings)
      if (finding !== undefined && this.isNews(finding, now)) await this.write(finding, now, epoch);
  }

  /** Most rounds find what the one before found. */
  private isNews({ key, state, kind, severity, summary }: Finding, now: number): boolean {
    const before = this.open?.get(key);
    if (state === 'resolved') return before !== undefined;
    if (before === undefined) return true;
    const isSame = before.text.startsWith(`${kind} ${severity} `);
    return !isSame || (before.text !== `${kind} ${severity} ${summary}` && now - before.at >= repeatMs);
  }

  private async write(finding: Finding, now: number, epoch: number): Promise<void> {
    const { key, state, kind, severity, summary } = finding;
    // The log is one of the destinations: nothing is logged here.
    await this.incidents.transition(finding, epoch);
    if (state === 'resolved') this.open?.delete(key);
    else this.open?.set(key, { text: `${kind} ${severity} ${summary}`, at: now });
  }
}
