// How agents are, as their callers may know it: their status and a tenant's own figures, or the workers of all.
import { Injectable } from '@nestjs/common';
import {
  AgentHistory,
  Agents,
  AgentStatuses,
  type RegisteredAgent,
  type SampleRow,
  type StatusRow,
  TelemetryReads,
} from '@pulser/context-bus';
import {
  type AgentCondition,
  type AgentDetails,
  type AgentHealthHistory,
  type AgentHealthQuery,
  type AgentHealthStep,
  type AgentInstance,
  AgentMetrics,
  type AgentName,
  type InstallationAgent,
  type InstallationAgents,
  maxStatusChanges,
  type OwnFigures,
} from '@pulser/contracts';
import { Broker, type HeardWorker, LiveWorkers } from '@pulser/messaging';

import { notFound } from '../rest/parameters.js';
import { healthRangeOf } from './health-range.policy.js';

/** A row that no leader has looked at for so long says nothing any more. Seconds. */
const freshS = 15;

const conditionOf = (agent: AgentName, row: StatusRow | undefined): AgentCondition =>
  row === undefined || row.ageS > freshS
    ? { agent, status: 'unknown', reasons: [], since: null, share: 100, stand_in: null }
    : {
        ...{ agent, status: row.status, reasons: [...row.reasons], share: row.share, stand_in: row.standIn },
        since: row.since.toISOString(),
      };

const instanceView = ({ heartbeat, silentMs, isSilent }: HeardWorker): AgentInstance => ({
  agent: heartbeat.agent,
  instance: heartbeat.instance,
  host: heartbeat.host ?? null,
  version: heartbeat.version ?? null,
  state: isSilent ? 'silent' : heartbeat.leaving === true ? 'leaving' : 'up',
  slots: heartbeat.slots,
  running: heartbeat.running,
  finished_total: heartbeat.finished_total,
  failed_total: heartbeat.failed_total,
  memory_mb: heartbeat.memory_mb ?? null,
  lag_ms: heartbeat.lag_ms ?? null,
  last_heartbeat: heartbeat.at,
  silent_s: Math.round(silentMs / 100) / 10,
});

const versionView = ({ version, registration, registeredAt, lastSeenAt }: RegisteredAgent) => ({
  version,
  task_types: registration.task_types.map(({ task_type }) => task_type),
  registered_at: registeredAt.toISOString(),
  last_seen: lastSeenAt.toISOString(),
});

const sum = (instances: readonly AgentInstance[], field: 'slots' | 'running'): number =>
  instances.filter(({ state }) => state === 'up').reduce((total, one) => total + one[field], 0);

/** Every agent that has registered or is heard of, by name. */
const workersOf = (registered: readonly RegisteredAgent[], heard: readonly HeardWorker[]): InstallationAgent[] => {
  const versions = Map.groupBy(registered, ({ name }) => name);
  const workers = Map.groupBy(heard, ({ heartbeat }) => heartbeat.agent);
  return [...new Set([...versions.keys(), ...workers.keys()])].sort().map((agent) => {
    const instances = (workers.get(agent) ?? []).map(instanceView);
    return {
      agent,
      versions: (versions.get(agent) ?? []).map(versionView),
      slots: sum(instances, 'slots'),
      running: sum(instances, 'running'),
      instances,
    };
  });
};

const stepOf = (row: SampleRow, seesAll: boolean): AgentHealthStep => ({
  at: row.at.toISOString(),
  observed_s: row.observedS,
  degraded_s: row.degradedS,
  unhealthy_s: row.unhealthyS,
  canaries: row.canaries,
  canaries_lost: row.canariesLost,
  canary_mean_ms: row.canaryMs === null || row.canaries === 0 ? null : row.canaryMs / row.canaries,
  canary_max_ms: row.canaryMaxMs,
  memory_mb: seesAll ? row.memoryMb : null,
  lag_ms: seesAll ? row.lagMs : null,
  instances: seesAll ? row.instances : null,
  slots: seesAll ? row.slots : null,
  running: seesAll ? row.running : null,
  queue_depth: seesAll ? row.depth : null,
});

/** @param tenantId of all methods: undefined for a key of the installation */
@Injectable()
export class AgentHealth {
  constructor(
    private readonly agents: Agents,
    private readonly statuses: AgentStatuses,
    private readonly history: AgentHistory,
    private readonly telemetry: TelemetryReads,
    private readonly workers: LiveWorkers,
    private readonly broker: Broker,
  ) {}

  async of(
    registered: readonly RegisteredAgent[],
    tenantId: string | undefined,
  ): Promise<{ conditions: AgentCondition[]; workers?: InstallationAgents }> {
    const rows = await this.statuses.all();
    const names = [...new Set(registered.map(({ name }) => name))].sort();
    const conditions = names.map((name) =>
      conditionOf(
        name,
        rows.find(({ agent }) => agent === name),
      ),
    );
    return { conditions, ...(tenantId === undefined && { workers: this.workersNow(registered) }) };
  }

  /** @throws HttpError `not_found` */
  async details(agent: AgentName, tenantId: string | undefined): Promise<AgentDetails> {
    const [registered, rows] = await Promise.all([this.registered(agent), this.statuses.all()]);
    const row = rows.find((one) => one.agent === agent);
    const condition = conditionOf(agent, row);
    if (tenantId !== undefined)
      return { ...condition, figures: await this.figures(agent, tenantId), metrics: null, workers: null };
    const metrics = condition.status === 'unknown' ? undefined : AgentMetrics.safeParse(row?.figures).data;
    const { complete, agents } = this.workersNow(registered);
    return {
      ...condition,
      ...{ figures: null, metrics: metrics ?? null },
      workers: { complete, agents: agents.filter((one) => one.agent === agent) },
    };
  }

  /** @throws HttpError `not_found`, `invalid_request` */
  async past(agent: AgentName, query: AgentHealthQuery, tenantId: string | undefined): Promise<AgentHealthHistory> {
    const { from, to, step, stepS, level } = healthRangeOf(query, Date.now());
    const [, samples, changes] = await Promise.all([
      this.registered(agent),
      this.history.read(agent, level, from, to, stepS),
      this.statuses.changes(agent, from, to, maxStatusChanges),
    ]);
    return {
      ...{ agent, from: from.toISOString(), to: to.toISOString(), step },
      steps: samples.map((row) => stepOf(row, tenantId === undefined)),
      changes: changes.map(({ at, status, reasons, share, standIn }) => ({
        ...{ at: at.toISOString(), status, reasons: [...reasons], share, stand_in: standIn },
      })),
    };
  }

  private async registered(agent: AgentName): Promise<RegisteredAgent[]> {
    const versions = (await this.agents.versions()).filter(({ name }) => name === agent);
    if (versions.length === 0) throw notFound('agent');
    return this.agents.withRegistrations(versions);
  }

  private async figures(agent: AgentName, tenantId: string): Promise<OwnFigures> {
    const { agents } = await this.telemetry.health(tenantId, {});
    const own = agents.find((one) => one.agent === agent);
    const { open = 0, completed = 0, failed = 0 } = own ?? {};
    const { error_rate = null, wait_p95_ms = null, run_p95_ms = null } = own ?? {};
    return { open, completed, failed, error_rate, wait_p95_ms, run_p95_ms };
  }

  private workersNow(registered: readonly RegisteredAgent[]): InstallationAgents {
    return {
      complete: this.workers.hasListened() && this.broker.state !== 'down',
      agents: workersOf(registered, this.workers.all()),
    };
  }
}
