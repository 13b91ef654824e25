// The calls of tools: which were made, by whom, and what became of them. One that changes something is written, durably,
// before it leaves; under an id that its key or its approval decides, so that it is made once.
import { Injectable } from '@nestjs/common';
import type { AgentName, ToolCallOutcome, ToolFlag } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { CallApprovals, type CallSubject } from './call-approvals.js';

/** Who calls: a task at an epoch with its agent, or a principal. */
export interface CallAuthor {
  readonly agent: AgentName | null;
  readonly taskId: string | null;
  readonly epoch: number | null;
  /** Id of a key, or subject of a token; null: a task. */
  readonly principal: string | null;
}

/** A call as it is written down. */
export interface ToolCallRow extends CallAuthor {
  readonly tenantId: string;
  readonly callId: string;
  readonly at: Date;
  readonly tool: string;
  readonly server: string | null;
  /** Null: there is no such tool. */
  readonly flag: ToolFlag | null;
  /** As they are shown. */
  readonly arguments: unknown;
  /** Hexadecimal. */
  readonly argumentsHash: string;
  readonly approvalId: string | null;
  readonly outcome: ToolCallOutcome;
  readonly message: string | null;
  readonly durationMs: number | null;
  /** Of one that has a key: what it answered, for whoever repeats it. */
  readonly answer: unknown;
}

/** As it is listed. */
export interface ListedToolCall extends Omit<ToolCallRow, 'answer'> {
  /** Of the key that has called; null: no key has, or it is gone. */
  readonly principalName: string | null;
}

/** Which calls are listed. */
export interface ToolCallFilter {
  readonly tool: string | undefined;
  readonly server: string | undefined;
  readonly task: string | undefined;
  readonly agent: string | undefined;
  readonly principal: string | undefined;
  readonly outcome: ToolCallOutcome | undefined;
  /** Only those before this one. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** A call that changes something, before it leaves. */
export interface CallIntent extends ToolCallRow {
  /** The exact ones. */
  readonly subject: CallSubject;
  /** Under which the same call may have been made before. */
  readonly formerId: string | undefined;
}

/** What has become of a call that was made before. */
export interface EarlierCall {
  readonly outcome: ToolCallOutcome;
  readonly answer: unknown;
  readonly isSame: boolean;
}

/**
 * `begun`: it may leave. `claim_lost`: the task is no longer with who calls. `not_approved`: persons have not approved this very
 * call. `earlier`: it was made before.
 */
export type CallBeginning =
  { readonly kind: 'begun' | 'claim_lost' | 'not_approved' } | { readonly kind: 'earlier'; readonly call: EarlierCall };

const columns = `"tenantId" uuid, "callId" uuid, at timestamptz, tool text, server text, flag text, agent text, "taskId" uuid,
     epoch int, principal text, arguments jsonb, "argumentsHash" text, "approvalId" uuid, outcome text, message text,
     "durationMs" double precision, answer jsonb`;

const inserted = `tenant_id, call_id, at, tool, server, flag, agent, task_id, epoch, principal, arguments, arguments_hash,
     approval_id, outcome, message, duration_ms, answer`;

const given = `c."tenantId", c."callId", c.at, c.tool, c.server, c.flag, c.agent, c."taskId", c.epoch, c.principal, c.arguments,
     decode(c."argumentsHash", 'hex'), c."approvalId", c.outcome, c.message, c."durationMs", nullif(c.answer, 'null')`;

// Of a call that was begun only its end is new.
const record = statement(
  'tool-calls.record',
  `insert into tool_call (${inserted}) select ${given} from json_to_recordset($1::json) as c(${columns})
   on conflict (tenant_id, call_id) do update set outcome = excluded.outcome, message = excluded.message,
     duration_ms = excluded.duration_ms, answer = excluded.answer
     where tool_call.outcome in ('pending', 'lost', 'timeout') and tool_call.arguments_hash = excluded.arguments_hash
       and tool_call.task_id is not distinct from excluded.task_id
       and tool_call.principal is not distinct from excluded.principal`,
);

// Shared with nobody until it is written: the claim cannot change hands in between.
const held = statement(
  'tool-calls.held',
  `select from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'
   for share`,
);

// Again: one that never left, or whose answer says that nothing was done.
const begin = statement(
  'tool-calls.begin',
  `insert into tool_call (${inserted}) select ${given} from json_to_recordset($1::json) as c(${columns})
   where not exists (select from tool_call where tenant_id = (select pulser.tenant_id()) and call_id = $2::uuid)
   on conflict (tenant_id, call_id) do update set outcome = 'pending', at = excluded.at, epoch = excluded.epoch
     where tool_call.outcome = any ($3) and tool_call.tool = excluded.tool
       and tool_call.arguments_hash = excluded.arguments_hash
   returning call_id`,
);

const earlier = statement(
  'tool-calls.earlier',
  `select outcome, answer, tool = $3 and arguments_hash = decode($4, 'hex') and task_id is not distinct from $5
     and principal is not distinct from $6 as "isSame"
   from tool_call where tenant_id = (select pulser.tenant_id()) and call_id in ($1, $2)`,
);

const loseOld = statement(
  'tool-calls.lose-old',
  `update tool_call set outcome = 'lost', message = 'The coordinator ended before it was answered'
   where (tenant_id, call_id) in (
     select tenant_id, call_id from tool_call where outcome = 'pending' and at < now() - make_interval(secs => $1)
     order by at limit 1000 for update skip locked
   ) returning call_id`,
);

// Subjects of tokens are no ids of keys.
const listed = `c.tenant_id as "tenantId", c.call_id as "callId", c.at, c.tool, c.server, c.flag, c.agent, c.task_id as "taskId",
     c.epoch, c.principal, c.arguments, encode(c.arguments_hash, 'hex') as "argumentsHash", c.approval_id as "approvalId",
     c.outcome, c.message, c.duration_ms as "durationMs",
     (select k.name from api_key k where k.tenant_id = c.tenant_id
        and k.key_id = case when c.principal ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then c.principal::uuid end
     ) as "principalName"`;

const page = statement(
  'tool-calls.page',
  `select ${listed}
   from tool_call c where c.tenant_id = (select pulser.tenant_id()) and ($1::text is null or c.tool = $1)
     and ($2::uuid is null or c.task_id = $2) and ($3::text is null or c.outcome = $3)
     and ($4::uuid is null or (c.at, c.call_id) < (
       select b.at, b.call_id from tool_call b where b.tenant_id = (select pulser.tenant_id()) and b.call_id = $4))
     and ($5::text is null or c.server = $5) and ($6::text is null or c.agent = $6) and ($7::text is null or c.principal = $7)
   order by c.at desc, c.call_id desc limit $8`,
);

const one = statement(
  'tool-calls.one',
  `select ${listed} from tool_call c where c.tenant_id = (select pulser.tenant_id()) and c.call_id = $1`,
);

/** Outcomes after which the same call may be made again: nothing was done. */
const undone: readonly ToolCallOutcome[] = ['server_unavailable', 'rate_limited', 'not_configured'];

@Injectable()
export class ToolCallLog {
  constructor(
    private readonly database: Database,
    private readonly approvals: CallApprovals,
  ) {}

  /**
   * Writes down that a call is about to leave. Durable when it returns.
   * @throws DatabaseUnavailable
   */
  begin(intent: CallIntent): Promise<CallBeginning> {
    const { tenantId, taskId, epoch, approvalId, principal, subject } = intent;
    return this.database.withTenant(tenantId, async (transaction): Promise<CallBeginning> => {
      if (taskId !== null && (await transaction.query(held, [taskId, epoch])).length === 0)
        return { kind: 'claim_lost' };
      const caller = { taskId, principal };
      if (approvalId !== null && !(await this.approvals.use(transaction, approvalId, caller, subject)))
        return { kind: 'not_approved' };
      return beginIn(transaction, intent);
    });
  }

  /** Writes calls of any tenants that have ended. Needs the service role. @throws DatabaseUnavailable */
  async record(rows: readonly ToolCallRow[]): Promise<void> {
    await this.database.query(record, [JSON.stringify(rows)]);
  }

  /** Ends calls that were sent so many seconds ago and that nobody waits for any more. @returns how many */
  async loseOld(ageS: number): Promise<number> {
    return (await this.database.query(loseOld, [ageS])).length;
  }

  /** Newest first. */
  page(tenantId: string, filter: ToolCallFilter): Promise<ListedToolCall[]> {
    const { tool, server, task, agent, principal, outcome, before, limit } = filter;
    const narrowed = [tool, task, outcome, before, server, agent, principal].map((value) => value ?? null);
    return this.database.queryAs<ListedToolCall>(tenantId, page, [...narrowed, limit]);
  }

  /** @returns undefined when the tenant has no such call */
  async find(tenantId: string, callId: string): Promise<ListedToolCall | undefined> {
    return (await this.database.queryAs<ListedToolCall>(tenantId, one, [callId]))[0];
  }
}

const beginIn = async (transaction: TenantTransaction, intent: CallIntent): Promise<CallBeginning> => {
  const { formerId } = intent;
  const row = { ...intent, subject: undefined, outcome: 'pending' };
  const begun = await transaction.query(begin, [JSON.stringify([row]), formerId ?? null, undone]);
  if (begun.length > 0) return { kind: 'begun' };
  const { callId, tool, argumentsHash, taskId, principal } = intent;
  const values = [callId, formerId ?? null, tool, argumentsHash, taskId, principal];
  const [found] = await transaction.query<EarlierCall>(earlier, values);
  if (found === undefined) throw new Error('A call was neither written nor there');
  return { kind: 'earlier', call: found };
};
