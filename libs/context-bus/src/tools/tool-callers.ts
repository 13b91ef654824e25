// Who calls tools: the task that a worker has, and what a key may call.
import { Injectable } from '@nestjs/common';
import type { AgentName, RoleName, ToolPattern } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/** A task at an epoch, as it stands. */
export interface CallingTask {
  readonly tenantId: string;
  readonly taskId: string;
  readonly epoch: number;
  /** The one whose worker has the claim. */
  readonly agent: AgentName;
  readonly taskType: string;
}

const running = statement(
  'tool-callers.running',
  `select tenant_id as "tenantId", task_id as "taskId", epoch, assigned_agent as agent, task_type as "taskType"
   from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'`,
);

const ofKey = statement(
  'tool-callers.of-key',
  `select name, role, tools from api_key where tenant_id = (select pulser.tenant_id()) and key_id = $1
     and revoked_at is null and (expires_at is null or expires_at > now())`,
);

/** What a valid key may. */
export interface KeyRights {
  readonly name: string;
  readonly role: RoleName;
  /** Null: tools that only read. */
  readonly tools: readonly ToolPattern[] | null;
}

@Injectable()
export class ToolCallers {
  constructor(private readonly database: Database) {}

  /** @returns undefined when there is no such claim (any more). @throws DatabaseUnavailable */
  async task(tenantId: string, taskId: string, epoch: number): Promise<CallingTask | undefined> {
    return (await this.database.queryAs<CallingTask>(tenantId, running, [taskId, epoch]))[0];
  }

  /** @returns undefined for a key that is not valid (any more). @throws DatabaseUnavailable */
  async key(tenantId: string, keyId: string): Promise<KeyRights | undefined> {
    return (await this.database.queryAs<KeyRights>(tenantId, ofKey, [keyId]))[0];
  }
}
