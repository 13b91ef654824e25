// The agents of the installation: what each has registered, and the task types that are served because of it.
import { Injectable } from '@nestjs/common';
import type { AgentName, AgentRegistration, OperationDescription, TaskType } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

const register = statement(
  'agents.register',
  `insert into agent (agent_name, task_types, operations) values ($1, $2, $3)
   on conflict (agent_name) do update
     set task_types = excluded.task_types, operations = excluded.operations, registered_at = now(), last_seen_at = now()`,
);

const seen = statement('agents.seen', `update agent set last_seen_at = now() where agent_name = $1`);

const list = statement(
  'agents.list',
  `select agent_name as name, task_types as "taskTypes", operations, registered_at as "registeredAt",
     last_seen_at as "lastSeenAt" from agent order by agent_name`,
);

export interface RegisteredAgent {
  readonly name: AgentName;
  readonly taskTypes: readonly TaskType[];
  readonly operations: readonly OperationDescription[];
  readonly registeredAt: Date;
  readonly lastSeenAt: Date;
}

/** The agents of this installation. A task type is served once an agent has registered it, running or not. */
@Injectable()
export class Agents {
  constructor(private readonly database: Database) {}

  async register({ agent, task_types, operations }: AgentRegistration): Promise<void> {
    await this.database.query(register, [agent, task_types, JSON.stringify(operations)]);
  }

  /** Notes that the agent runs. */
  async seen(agent: AgentName): Promise<void> {
    await this.database.query(seen, [agent]);
  }

  list(): Promise<RegisteredAgent[]> {
    return this.database.query<RegisteredAgent>(list);
  }
}

/** Milliseconds for which the registered task types are cached. */
const freshMs = 2_000;

/** Task types that at least one agent has registered, read every two seconds at most. */
@Injectable()
export class ServedTaskTypes {
  private readAt = -Infinity;
  private types: Promise<ReadonlySet<TaskType>> = Promise.resolve(new Set<TaskType>());

  constructor(private readonly agents: Agents) {}

  /** @throws DatabaseUnavailable */
  current(): Promise<ReadonlySet<TaskType>> {
    if (performance.now() - this.readAt > freshMs) {
      this.readAt = performance.now();
      this.types = this.read();
    }
    return this.types;
  }

  private async read(): Promise<ReadonlySet<TaskType>> {
    try {
      return new Set((await this.agents.list()).flatMap(({ taskTypes }) => taskTypes));
    } catch (error) {
      this.readAt = -Infinity;
      throw error;
    }
  }
}
