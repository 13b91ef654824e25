// What pages show beside lists of tasks: a task with very many events, one with files, spans and children, datasets with
// versions, memories, an audit trail, and agents that have registered.
import { Agents } from '@pulser/context-bus';
import { type AgentRegistration, builtInAgents } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';

/** Rows of each kind; enough for several pages of a list. */
const amounts = { datasets: 300, versions: 60, memories: 5_000, auditEntries: 2_000, children: 100, spans: 300 };

// Submitted an hour ago, over a quarter of an hour. $2 operation.
const insertTask = statement(
  'bench.seed-task',
  `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, status, payload, operation, labels, submitted_by, created_at,
     updated_at, started_at, completed_at, epoch, attempts, worker, result)
   select overlay(pulser.new_id()::text placing left(pulser.id_floor(at)::text, 13) from 1 for 13)::uuid, $1::uuid, 'analytics', 'dash',
     'completed', jsonb_build_object('operation', $2::text, 'text', $3::text), $2, jsonb_build_object('customer', 'customer-1'),
     'ada@example.org', at, at + interval '15 minutes', at + interval '1 second', at + interval '15 minutes', 1, 1, 'dash-1',
     jsonb_build_object('columns', '["region","total"]'::jsonb, 'rows',
       (select jsonb_agg(jsonb_build_array('region ' || n, n * 17)) from generate_series(1, 100) n))
   from (select now() - interval '1 hour' as at) t returning task_id as id`,
);

const insertEvents = statement(
  'bench.seed-events',
  `insert into task_event (tenant_id, task_id, seq, at, body)
   select $1, $2, 1000000 + n, now() - interval '1 hour' + n * interval '8 milliseconds',
     case when n % 100 = 0 then jsonb_build_object('type', 'progress', 'attempt', 1, 'percent', n * 100.0 / $3, 'message', 'Part ' || n / 100)
       else jsonb_build_object('type', 'log', 'attempt', 1, 'level', case when n % 997 = 1 then 'warn' else 'info' end,
         'message', 'Row ' || n || ' of region ' || n % 17 || ' is read', 'fields', jsonb_build_object('row', n)) end
   from generate_series(1, $3::int) n`,
);

const insertFiles = statement(
  'bench.seed-files',
  `insert into task_artifact (tenant_id, task_id, name, media_type, content) values
     ($1, $2, 'table.csv', 'text/csv', convert_to('region,total' || repeat(E'\nnorth,120', 500), 'UTF8')),
     ($1, $2, 'chart.svg', 'image/svg+xml', convert_to('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60"><rect x="10" y="10" width="30" height="40"/></svg>', 'UTF8')),
     ($1, $2, 'report.md', 'text/markdown', convert_to(repeat(E'# Sales\n\nBy region, with **totals**.\n\n', 40), 'UTF8'))`,
);

const insertSpans = statement(
  'bench.seed-spans',
  `insert into task_span (tenant_id, task_id, span_id, trace_id, parent_id, name, kind, service, attempt, at, duration_ms, attributes)
   select $1, $2, lpad(to_hex(n), 16, '0'), repeat('ab', 16), case when n > 1 then lpad(to_hex(greatest(1, n / 4)), 16, '0') end,
     (array['handler', 'sql', 'http', 'file'])[1 + n % 4], 'internal', 'dash', 1, now() - interval '1 hour' + n * interval '2 seconds',
     (1 + n % 90) * 1000, jsonb_build_object('n', n)
   from generate_series(1, $3::int) n`,
);

const insertChildren = statement(
  'bench.seed-children',
  `insert into task_queue (tenant_id, task_type, assigned_agent, status, payload, operation, parent_id, created_at, started_at,
     completed_at, epoch, attempts, result)
   select $1, 'analytics', 'dash', 'completed', jsonb_build_object('operation', 'query', 'text', $4::text), 'query', $2, now(), now(),
     now(), 1, 1, '{"rows": 3}' from generate_series(1, $3::int)`,
);

// A dataset in ten versions each, the first in very many. Their bytes are no real Parquet: the pages measured here do not read them.
const insertDatasets = statement(
  'bench.seed-datasets',
  `with made as (
     insert into dataset (tenant_id, name, last_version, created_at)
     select $1::uuid, $2::text || '-' || lpad(n::text, 3, '0'), case when n = 1 then $4::int else 10 end, now() - n * interval '1 hour'
     from generate_series(1, $3::int) n returning dataset_id, name, last_version
   ), versions as materialized (
     select dataset_id, name, v, pulser.new_id() as content_id from made cross join generate_series(1, last_version) v
   ), contents as (
     insert into content (tenant_id, content_id, store, piece_bytes, bytes, sha256)
     select $1, content_id, 'database', 65536, 1000, sha256(convert_to(content_id::text, 'UTF8')) from versions
   ), pieces as (
     insert into content_piece (tenant_id, content_id, n, bytes) select $1, content_id, 0, decode(repeat('00', 1000), 'hex') from versions
   ), used as (
     insert into data_use (tenant_id, task_id, asked, reference, sha256, bytes)
     select $1, pulser.new_id(), 'dataset:' || name, 'dataset:' || name || '@' || v, sha256(convert_to(content_id::text, 'UTF8')), 1000
     from versions
   )
   insert into dataset_version (tenant_id, dataset_id, version, content_id, task_id, row_count, rejected_count, columns, preview, report)
   select $1, dataset_id, v, content_id, pulser.new_id(), 1000 * v, v % 3,
     (select jsonb_agg(jsonb_build_object('name', 'column_' || c, 'type', case when c % 2 = 0 then 'DOUBLE' else 'VARCHAR' end))
       from generate_series(1, 12) c),
     (select jsonb_agg((select jsonb_agg(case when c % 2 = 0 then to_jsonb(r * c) else to_jsonb('cell ' || r) end)
       from generate_series(1, 12) c)) from generate_series(1, 100) r), '{"rows": 1000}'
   from versions`,
);

const insertMemories = statement(
  'bench.seed-memories',
  `insert into agent_memory (tenant_id, agent_name, memory_type, content, subject, metadata, trust, created_at, content_hash)
   select $1, case when n % 3 = 0 then 'dash' end, (array['preference', 'fact', 'episode'])[1 + n % 3],
     $2::text || ': customer ' || n || ' reads reports on Mondays', 'customer-' || n % 500, jsonb_build_object('n', n),
     (array['stated', 'observed', 'derived'])[1 + n % 3], now() - n * interval '1 minute', sha256(convert_to($2::text || n, 'UTF8'))
   from generate_series(1, $3::int) n`,
);

const appendAudit = statement(
  'bench.seed-audit',
  `select count(pulser.append_audit($1::uuid, row(null, null, null, null,
     (array['key.created', 'task.changed', 'dead-letter.discarded', 'pause.created'])[1 + n % 4], array[$2::text || '-' || n], 'done',
     pulser.digest(to_jsonb(n)), pulser.digest(to_jsonb(n + 1)), null, null)::public.audit_entry))
   from generate_series(1, $3::int) n`,
);

const newestLetter = statement(
  'bench.newest-dead-letter',
  `select dead_letter_id as id from dead_letter where tenant_id = $1 and state = 'open' order by dead_letter_id desc limit 1`,
);

const newestMemory = statement(
  'bench.newest-memory',
  `select memory_id as id from agent_memory where tenant_id = $1 order by memory_id desc limit 1`,
);

const field = (n: number): [string, object] => [
  `option_${n}`,
  { type: n % 2 === 0 ? 'number' : 'string', title: `Option ${n}` },
];

const taskTypes: Readonly<Record<string, string>> = {
  dash: 'analytics',
  maya: 'documentation',
  data_fabcon: 'data_pipeline',
  arkie: 'infrastructure',
  learnbot: 'skills_mining',
};

/** As workers register: 20 operations each, with a schema of a dozen members. */
const registrationOf = (agent: string, task_type: string): AgentRegistration => ({
  agent,
  version: 'bench',
  task_types: [{ task_type }],
  operations: Array.from({ length: 20 }, (_, n) => ({
    task_type,
    operation: `operation_${n}`,
    summary: `Does thing ${n} with what it is given`,
    input_schema: {
      type: 'object',
      properties: {
        operation: { const: `operation_${n}` },
        text: { type: 'string' },
        ...Object.fromEntries(Array.from({ length: 10 }, (_member, place) => field(place))),
      },
      required: ['operation', 'text'],
    },
    example: { operation: `operation_${n}`, text: 'x' },
  })),
});

/** Registers the agents that come with Pulser, but for the one whose worker runs. */
export const registerAgents = async (database: Database): Promise<void> => {
  const agents = new Agents(database);
  for (const agent of builtInAgents) {
    const type = taskTypes[agent];
    if (type !== undefined) await agents.register(registrationOf(agent, type));
  }
};

/** Ids and names of what a tenant's pages show. */
export interface SeededContent {
  /** Of the task with very many events. */
  readonly eventful: string;
  /** Of the task with files, spans and children. */
  readonly rich: string;
  readonly deadLetter: string;
  readonly dataset: string;
  readonly memory: string;
}

type Id = { readonly id: string };

/**
 * Fills a tenant with what its pages show beside its tasks, which must be there.
 * @param word in texts of its rows that no other tenant's have
 * @param events of the one task with very many
 */
export const seedContent = async (
  database: Database,
  tenantId: string,
  word: string,
  events: number,
): Promise<SeededContent> => {
  const idOf = async (rows: Promise<Id[]>): Promise<string> => {
    const [row] = await rows;
    if (row === undefined) throw new Error('a tenant has none of what its pages are to show');
    return row.id;
  };
  const eventful = await idOf(database.query<Id>(insertTask, [tenantId, 'forecast', word]));
  await database.query(insertEvents, [tenantId, eventful, events]);
  const rich = await idOf(database.query<Id>(insertTask, [tenantId, 'query', word]));
  await database.query(insertFiles, [tenantId, rich]);
  await database.query(insertSpans, [tenantId, rich, amounts.spans]);
  await database.query(insertChildren, [tenantId, rich, amounts.children, word]);
  await database.query(insertDatasets, [tenantId, word, amounts.datasets, amounts.versions]);
  await database.query(insertMemories, [tenantId, word, amounts.memories]);
  await database.query(appendAudit, [tenantId, word, amounts.auditEntries]);
  return {
    eventful,
    rich,
    deadLetter: await idOf(database.query<Id>(newestLetter, [tenantId])),
    dataset: `${word}-001`,
    memory: await idOf(database.query<Id>(newestMemory, [tenantId])),
  };
};
