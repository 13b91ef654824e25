/** The task types of an installation, from what agents have registered: who runs them, how, and with which payloads. */
import { Injectable } from '@nestjs/common';
import { SingleFlight } from '@pulser/concurrency';
import {
  type AgentName,
  type AgentRegistration,
  type OperationDescription,
  retryLimitsOf,
  type TaskType,
  timeLimitMsOf,
} from '@pulser/contracts';

import { type AdmittedTaskType, Agents, type AgentVersion, type RegisteredAgent } from './agents.js';
import { type HealthSnapshot, healthSnapshot } from './health-snapshot.js';

/** A task type as gateway and router see it: over all agents and versions that have registered it. */
export interface ServedType {
  readonly taskType: TaskType;
  /** The agent that owns it. */
  readonly agent: AgentName;
  /** Other agents that can run it, in the order that its owner registered. */
  readonly backups: readonly AgentName[];
  readonly maxAttempts: number;
  readonly timeLimitMs: number;
  /** By name; several where versions run side by side, the one that registered last first. */
  readonly operations: ReadonlyMap<string, readonly OperationDescription[]>;
}

/**
 * Versions of an agent whose word counts: those that live, the one that registered last first, so that limits do not
 * change with every heartbeat; else the one that was seen last.
 */
const current = (versions: readonly RegisteredAgent[]): readonly RegisteredAgent[] => {
  const live = versions.filter(({ isLive }) => isLive);
  if (live.length === 0) return versions.slice(0, 1);
  return live.toSorted((a, b) => b.registeredAt.getTime() - a.registeredAt.getTime());
};

const operationsOf = (
  type: TaskType,
  versions: readonly RegisteredAgent[],
): ReadonlyMap<string, readonly OperationDescription[]> =>
  Map.groupBy(
    versions.flatMap(({ registration }) => registration.operations.filter(({ task_type }) => task_type === type)),
    ({ operation }) => operation,
  );

const servedType = (
  taskType: TaskType,
  agent: AgentName,
  byAgent: ReadonlyMap<AgentName, readonly RegisteredAgent[]>,
): ServedType | undefined => {
  const versions = byAgent.get(agent) ?? [];
  const described = versions
    .flatMap(({ registration }) => registration.task_types)
    .find(({ task_type }) => task_type === taskType);
  if (described === undefined) return undefined;
  const canRun = (name: AgentName): boolean =>
    byAgent
      .get(name)
      ?.some(({ registration }) => registration.task_types.some(({ task_type }) => task_type === taskType)) === true;
  return {
    taskType,
    agent,
    backups: (described.backups ?? []).filter((name) => name !== agent && canRun(name)),
    maxAttempts: described.max_attempts ?? retryLimitsOf(taskType).maxRetries + 1,
    timeLimitMs: described.time_limit_ms ?? timeLimitMsOf(taskType),
    operations: operationsOf(taskType, versions),
  };
};

/** The task types of an installation by name. */
export type TaskTypeTable = ReadonlyMap<TaskType, ServedType>;

/** @param agents the version of an agent that was seen last first */
export const taskTypeTable = (
  agents: readonly RegisteredAgent[],
  admittedTypes: readonly AdmittedTaskType[],
): TaskTypeTable => {
  const byAgent = new Map(
    [...Map.groupBy(agents, ({ name }) => name)].map(([name, versions]) => [name, current(versions)] as const),
  );
  const owned = admittedTypes.filter(({ isOwner }) => isOwner);
  const served = owned.flatMap(({ taskType, agent }) => servedType(taskType, agent, byAgent) ?? []);
  return new Map(served.map((type) => [type.taskType, type]));
};

const nothingKnown: HealthSnapshot = new Map();

const freshMs = 2_000;

/** The table of task types, read again every two seconds at most. */
@Injectable()
export class TaskTypes {
  private readonly reads = new SingleFlight<'table', TaskTypeTable>();
  private known: ReadonlyMap<string, AgentRegistration> = new Map();
  private table: TaskTypeTable = new Map();
  private snapshot: HealthSnapshot | undefined;
  private readAt = -Infinity;
  /** Counts the times at which what was read grew old. */
  private outdated = 0;

  constructor(private readonly agents: Agents) {}

  /** @throws DatabaseUnavailable */
  current(): Promise<TaskTypeTable> {
    if (performance.now() - this.readAt <= freshMs) return Promise.resolve(this.table);
    return this.reads.run('table', () => this.read());
  }

  /** The table as it was read last, empty before that; for labels of metrics and other things that cannot wait. */
  get latest(): TaskTypeTable {
    return this.table;
  }

  /** How agents are, as it was read last. */
  get health(): HealthSnapshot {
    return this.snapshot ?? nothingKnown;
  }

  /** Something has changed: the next question reads again, even if a reading is under way. */
  outdate(): void {
    this.outdated += 1;
    this.readAt = -Infinity;
  }

  private async read(): Promise<TaskTypeTable> {
    const { outdated } = this;
    const [found, admittedTypes, judgements] = await Promise.all([
      this.agents.versions(),
      this.agents.admitted(),
      this.agents.judgements(),
    ]);
    const registered = await this.registered(found);
    this.table = taskTypeTable(registered, admittedTypes);
    this.snapshot = healthSnapshot(found, judgements, this.snapshot);
    if (outdated === this.outdated) this.readAt = performance.now();
    return this.table;
  }

  // A registration is read once: its schemas are large, and stay the same objects, so that they are compiled once.
  private async registered(found: readonly AgentVersion[]): Promise<RegisteredAgent[]> {
    const fresh = await this.agents.withRegistrations(found.filter((agent) => !this.known.has(keyOf(agent))));
    const all = new Map([...this.known, ...fresh.map((agent) => [keyOf(agent), agent.registration] as const)]);
    const registered = found.flatMap((agent) => {
      const registration = all.get(keyOf(agent));
      return registration === undefined ? [] : [{ ...agent, registration }];
    });
    this.known = new Map(registered.map((agent) => [keyOf(agent), agent.registration]));
    return registered;
  }
}

const keyOf = ({ name, version, registeredAt }: AgentVersion): string => `${name} ${version} ${registeredAt.getTime()}`;
