// Sums and budgets as the API shows them.
import { Injectable } from '@nestjs/common';
import {
  type BudgetRow,
  type CallRow,
  SpendReads,
  type SpendRow,
  type SpendSum as Sum,
  TaskReads,
  usedShare,
} from '@pulser/context-bus';
import {
  type BudgetView,
  HttpError,
  ModelCallView,
  type SpendQuery,
  type SpendSum,
  type SpendView,
  type TaskSpend,
} from '@pulser/contracts';

import { notFound } from '../rest/parameters.js';

const dayMs = 86_400_000;
const usualDays = 30;
const maxDays = 400;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The days that are asked for. @param now in milliseconds. @throws HttpError `invalid_request` */
export const spendRange = ({ from, to }: SpendQuery, now: number): { readonly from: string; readonly to: string } => {
  const last = to ?? dayOf(now);
  const first = from ?? dayOf(Date.parse(last) - (usualDays - 1) * dayMs);
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
  if (days >= 1 && days <= maxDays) return { from: first, to: last };
  const detail = days < 1 ? 'Must not lie before `from`' : `Must be ${maxDays} days after \`from\` at most`;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/to', detail }] });
};

const figuresOf = ({ calls, inputTokens, outputTokens, micros }: Sum): SpendView['total'] => ({
  calls,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  micros,
});

const sumView = ({ day, agent, taskType, model, ...sum }: SpendRow): SpendSum => ({
  ...(day !== null && { day }),
  ...(agent !== null && { agent }),
  ...(taskType !== null && { task_type: taskType }),
  ...(model !== null && { model }),
  ...figuresOf(sum),
});

const noSum: Sum = { calls: 0, inputTokens: 0, outputTokens: 0, micros: 0 };

const totalOf = (rows: readonly Sum[]): Sum =>
  rows.reduce<Sum>(
    (sum, row) => ({
      calls: sum.calls + row.calls,
      inputTokens: sum.inputTokens + row.inputTokens,
      outputTokens: sum.outputTokens + row.outputTokens,
      micros: sum.micros + row.micros,
    }),
    noSum,
  );

const budgetView = (row: BudgetRow): BudgetView => {
  const limit = { micros: row.maxMicros, tokens: row.maxTokens, calls: row.maxCalls };
  const spent = { micros: row.spentMicros, tokens: row.spentTokens, calls: row.spentCalls };
  const reserved = { micros: row.reservedMicros, tokens: row.reservedTokens, calls: row.reservedCalls };
  const used = usedShare(limit, {
    micros: spent.micros + reserved.micros,
    tokens: spent.tokens + reserved.tokens,
    calls: spent.calls + reserved.calls,
  });
  return { scope: row.scope, limit, spent, reserved, used };
};

const callView = (row: CallRow): ModelCallView => ({
  call_id: row.callId,
  step: row.step,
  agent: row.agent,
  model: row.model,
  state: row.state,
  outcome: ModelCallView.shape.outcome.parse(row.outcome),
  http_status: row.httpStatus,
  input_tokens: row.inputTokens,
  output_tokens: row.outputTokens,
  micros: row.micros,
  reserved_micros: row.reservedMicros,
  made_at: row.madeAt.toISOString(),
  ended_at: row.endedAt?.toISOString() ?? null,
});

@Injectable()
export class SpendService {
  constructor(
    private readonly reads: SpendReads,
    private readonly tasks: TaskReads,
  ) {}

  /** @throws HttpError `invalid_request` */
  async of(tenantId: string, query: SpendQuery): Promise<SpendView> {
    const range = spendRange(query, Date.now());
    const groups = query.group_by ?? [];
    const [rows, all, today] = await Promise.all([
      this.reads.sums(tenantId, range, groups),
      this.reads.sums(tenantId, range, []),
      this.reads.today(tenantId),
    ]);
    return {
      ...range,
      sums: rows.map(sumView),
      total: figuresOf(totalOf(all)),
      today: today === undefined ? null : budgetView(today),
    };
  }

  /** @throws HttpError `not_found` */
  async ofTask(tenantId: string, taskId: string): Promise<TaskSpend> {
    if ((await this.tasks.find(tenantId, taskId)) === null) throw notFound('task');
    const [budgets, calls] = await Promise.all([
      this.reads.budgetsOf(tenantId, taskId),
      this.reads.callsOf(tenantId, taskId),
    ]);
    return { budgets: budgets.map(budgetView), calls: calls.map(callView) };
  }
}
