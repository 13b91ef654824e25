// What was spent on models, for those who ask: by day, agent, task type and model; of one task, with each request.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type BudgetScope, warnShare } from './budget.policy.js';

/** What sums are made by. */
export const spendGroups = ['day', 'agent', 'task_type', 'model'] as const;
export type SpendGroup = (typeof spendGroups)[number];

export interface SpendSum {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly micros: number;
}

export interface SpendRow extends SpendSum {
  readonly day: string | null;
  readonly agent: string | null;
  readonly taskType: string | null;
  readonly model: string | null;
}

/** A budget as its last reservation has left it. */
export interface BudgetRow {
  readonly scope: BudgetScope;
  readonly key: string;
  readonly maxMicros: number;
  readonly maxTokens: number;
  readonly maxCalls: number;
  readonly spentMicros: number;
  readonly spentTokens: number;
  readonly spentCalls: number;
  readonly reservedMicros: number;
  readonly reservedTokens: number;
  readonly reservedCalls: number;
}

export interface CallRow {
  readonly callId: string;
  readonly step: string;
  readonly agent: string;
  readonly model: string;
  readonly state: 'reserved' | 'settled';
  readonly outcome: string | null;
  readonly httpStatus: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly micros: number;
  readonly reservedMicros: number;
  readonly madeAt: Date;
  readonly endedAt: Date | null;
}

// $3 to $6: whether the sums are by day, agent, task type, model.
const sums = statement(
  'spend.sums',
  `select case when $3 then day::text end as day, case when $4 then agent end as agent,
     case when $5 then task_type end as "taskType", case when $6 then model end as model,
     sum(calls)::float8 as calls, sum(input_tokens)::float8 as "inputTokens", sum(output_tokens)::float8 as "outputTokens",
     sum(micros)::float8 as micros
   from spend_day where tenant_id = (select pulser.tenant_id()) and day between $1::date and $2::date
   group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit $7`,
);

const budgetColumns = `scope, key, max_micros::float8 as "maxMicros", max_tokens::float8 as "maxTokens",
  max_calls::float8 as "maxCalls", spent_micros::float8 as "spentMicros", spent_tokens::float8 as "spentTokens",
  spent_calls::float8 as "spentCalls", reserved_micros::float8 as "reservedMicros",
  reserved_tokens::float8 as "reservedTokens", reserved_calls::float8 as "reservedCalls"`;

const ofToday = statement(
  'spend.today',
  `select ${budgetColumns} from spend_budget
   where tenant_id = (select pulser.tenant_id()) and scope = 'day' and key = (now() at time zone 'UTC')::date::text`,
);

const ofTask = statement(
  'spend.budgets-of-task',
  `select ${budgetColumns} from spend_budget
   where tenant_id = (select pulser.tenant_id()) and scope in ('task', 'tree') and key = $1 order by scope`,
);

const calls = statement(
  'spend.calls-of-task',
  `select call_id as "callId", step, agent, model, state, outcome, http_status as "httpStatus",
     input_tokens::float8 as "inputTokens", output_tokens::float8 as "outputTokens", micros::float8 as micros,
     reserved_micros::float8 as "reservedMicros", made_at as "madeAt", ended_at as "endedAt"
   from spend_call where tenant_id = (select pulser.tenant_id()) and task_id = $1 order by call_id limit $2`,
);

// By the limits that the last request of each tenant found. $1: share from which on a budget is nearly used.
const days = statement(
  'spend.days-nearly-used',
  `select count(*) filter (where share >= $1 and share < 1)::int as "nearlyUsed", count(*) filter (where share >= 1)::int as "usedUp"
   from (
     select greatest(
       case when max_micros = 0 then 1 else (spent_micros + reserved_micros)::float8 / max_micros end,
       case when max_tokens = 0 then 1 else (spent_tokens + reserved_tokens)::float8 / max_tokens end,
       case when max_calls = 0 then 1 else (spent_calls + reserved_calls)::float8 / max_calls end) as share
     from spend_budget
     where touched_at >= date_trunc('day', now(), 'UTC') and scope = 'day' and key = (now() at time zone 'UTC')::date::text
   ) today`,
);

/** Tenants by how far they have used what they may spend today. */
export interface SpentDays {
  /** 80 % or more. */
  readonly nearlyUsed: number;
  /** All of it. */
  readonly usedUp: number;
}

/** Rows of sums at most. */
export const maxSpendRows = 5_000;
/** Requests of one task that are shown. */
export const maxSpendCalls = 500;

@Injectable()
export class SpendReads {
  constructor(private readonly database: Database) {}

  /** @param range days (UTC), both of them included */
  sums(
    tenantId: string,
    { from, to }: { readonly from: string; readonly to: string },
    by: readonly SpendGroup[],
  ): Promise<SpendRow[]> {
    const grouped = spendGroups.map((group) => by.includes(group));
    return this.database.queryAs<SpendRow>(tenantId, sums, [from, to, ...grouped, maxSpendRows]);
  }

  /** Undefined: nothing was asked of a model today. */
  async today(tenantId: string): Promise<BudgetRow | undefined> {
    const [row] = await this.database.queryAs<BudgetRow>(tenantId, ofToday);
    return row;
  }

  /** Of all tenants. Needs the service role. */
  async spentDays(): Promise<SpentDays> {
    const [row] = await this.database.query<SpentDays>(days, [warnShare]);
    return row ?? { nearlyUsed: 0, usedUp: 0 };
  }

  /** Its own budget, and that of its tree where it is the root. */
  budgetsOf(tenantId: string, taskId: string): Promise<BudgetRow[]> {
    return this.database.queryAs<BudgetRow>(tenantId, ofTask, [taskId]);
  }

  /** The first requests of a task, oldest first. */
  callsOf(tenantId: string, taskId: string): Promise<CallRow[]> {
    return this.database.queryAs<CallRow>(tenantId, calls, [taskId, maxSpendCalls]);
  }
}
