// What expressions of a run see of its steps.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

/** Results of steps together, in bytes of JSON. */
export const maxScopeBytes = 1_048_576;

const results = statement(
  'runs.results',
  `select s.name, s.items is not null as "isMap", s.result as signal,
     case when coalesce(sum(pg_column_size(t.result)), 0) <= ${maxScopeBytes} then
       jsonb_agg(t.result order by k.index) filter (where k.index is not null) end as results,
     (array_agg(k.task_id order by k.index))[1] as "taskId"
   from workflow_step s
   left join workflow_task k on k.tenant_id = s.tenant_id and k.run_id = s.run_id and k.step = s.name
   left join task_queue t on t.tenant_id = k.tenant_id and t.task_id = k.task_id
   where s.tenant_id = (select pulser.tenant_id()) and s.run_id = $1 and s.name = any ($2)
   group by s.tenant_id, s.run_id, s.name`,
);

interface ResultRow {
  readonly name: string;
  readonly isMap: boolean;
  readonly results: readonly unknown[] | null;
  readonly taskId: string | null;
  /** Of a wait for one. */
  readonly signal: unknown;
}

/** Of a map its results are a list, in the order of its items: null where one failed. */
const seen = ({ isMap, results: list, taskId, signal }: ResultRow): object =>
  isMap ? { results: list ?? [] } : { result: list?.[0] ?? signal, ...(taskId !== null && { task_id: taskId }) };

@Injectable()
export class RunScopes {
  constructor(private readonly database: Database) {}

  /** Steps as expressions see them; of those whose results are larger than 1 MB together the results are missing. */
  async steps(tenantId: string, runId: string, names: readonly string[]): Promise<Record<string, unknown>> {
    if (names.length === 0) return {};
    const rows = await this.database.queryAs<ResultRow>(tenantId, results, [runId, names]);
    return Object.fromEntries(rows.map((row) => [row.name, seen(row)]));
  }
}
