// Tasks of a month, written by set-based statements through which every trigger counts and notes them as it does those of
// clients, then folded by the statements of the router.
import { Folds } from '@pulser/context-bus';
import { type Database, statement } from '@pulser/database';

/** Days that the tasks are spread over. */
const days = 30;

/** Rows a statement inserts. */
const tasksPerStatement = 20_000;

/** Partitions of weeks that are over, as an installation that has run for so long has them. */
const pastWeeks = statement(
  'bench.past-weeks',
  `do $$
   declare parent text; week timestamptz; child text;
   begin
     foreach parent in array array['task_queue', 'task_event', 'task_artifact', 'task_effect', 'task_facet', 'task_span',
       'agent_telemetry'] loop
       for n in 1 .. 6 loop
         week := date_trunc('week', now(), 'UTC') - make_interval(weeks => n);
         child := format('%s_%s', parent, to_char(week at time zone 'UTC', 'IYYY"w"IW'));
         continue when to_regclass('public.' || child) is not null;
         execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
           child, parent, pulser.id_floor(week), pulser.id_floor(week + interval '1 week'));
         execute format('alter table public.%I owner to pulser_owner', child);
         execute format('alter table public.%I enable row level security', child);
         execute format('alter table public.%I force row level security', child);
       end loop;
     end loop;
   end $$`,
);

// $1 tenant, $2 and $3 begin and end in seconds since 1970, $4 number of tasks, $5 a word of the tenant's own. Of six agents
// with three operations each; one in forty fails, one in two hundred is cancelled, and of the last four hours a third is
// open. Durations are log-normal, by operation.
const insertTasks = statement(
  'bench.seed-tasks',
  `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, priority, status, payload, metadata, labels, operation,
     submitted_by, created_at, updated_at, run_at, started_at, completed_at, due_at, epoch, attempts, worker, result, error)
   select overlay(pulser.new_id()::text placing left(pulser.id_floor(at)::text, 13) from 1 for 13)::uuid, $1::uuid, type, agent,
     priority::task_priority, status::task_status,
     jsonb_build_object('operation', operation, 'text', $5::text, 'sql', 'select region, sum(amount) from sales where n > ' || n),
     jsonb_build_object('customer', customer, 'project', $5::text), jsonb_build_object('customer', customer), operation,
     case when n % 3 = 0 then 'ci' when n % 3 = 1 then 'ada@example.org' else 'bob@example.org' end,
     at, coalesce(ended_at, at), case when status = 'scheduled' then now() + interval '1 day' end,
     case when started then at + wait end, ended_at,
     case when ended_at is null then now() + interval '1 day' end, started::int, case when started then 1 + (n % 50 = 0)::int else 0 end,
     case when started then agent || '-1' end,
     case when status = 'completed' then jsonb_build_object('rows', n % 1000, 'summary', 'Totals by region') end,
     case when status in ('failed', 'retrying') then jsonb_build_object('code', (array['query_failed', 'handler_failed', 'upstream_refused'])[1 + n / 40 % 3],
       'message', (array['relation "' || customer || '" does not exist', 'The service answered ' || (500 + n % 4),
         'No such column: amount_' || n, 'The input has ' || n || ' rows too many'])[1 + n / 40 % 4], 'permanent', status = 'failed') end
   from (
     select d.*, case when status in ('completed', 'failed') or (status = 'cancelled' and started) then at + wait + run
       when status = 'cancelled' then at + wait end as ended_at
     from (
       select c.*, case when s in ('completed', 'failed') and at + wait + run > now() - interval '1 second' then 'queued' else s end as status,
         s in ('completed', 'failed', 'running', 'retrying', 'waiting') and at + wait < now() - interval '1 second'
           and at + wait + run <= now() - interval '1 second' as started
       from (
         select n, at, agents.*, operations[1 + n % 3] as operation, 'customer-' || n % 200 as customer,
           case when n % 20 = 0 then 'high' when n % 20 < 4 then 'low' else 'medium' end as priority,
           make_interval(secs => 0.02 * exp(1.2 * random_normal())) as wait,
           make_interval(secs => 0.2 * (1 + n % 3) * exp(0.9 * random_normal())) as run,
           case when at > now() - interval '4 hours' and n % 3 = 0
               then (array['queued', 'queued', 'scheduled', 'running', 'retrying', 'waiting'])[1 + n / 3 % 6]
             when n % 40 = 7 then 'failed' when n % 200 = 13 then 'cancelled' else 'completed' end as s
         from generate_series(1, $4::int) m
         cross join lateral (select (random() * 1000000)::int as n, (random() * 1000000)::int as place,
           to_timestamp($2::float8 + ($3::float8 - $2::float8) * (m - random()) / $4) as at) r
         join (values (0, 'dash', 'analytics', array['query', 'forecast', 'telemetry_report']),
           (1, 'maya', 'documentation', array['write', 'check', 'translate']),
           (2, 'data_fabcon', 'data_pipeline', array['ingest', 'clean', 'profile']),
           (3, 'arkie', 'infrastructure', array['plan', 'review', 'estimate']),
           (4, 'learnbot', 'skills_mining', array['mine', 'match', 'gap']),
           (5, 'echo', 'testing', array['noop', 'repeatable_noop', 'run'])) agents(number, agent, type, operations)
           on agents.number = place % 6
       ) c
     ) d
   ) e order by at`,
);

const insertLetters = statement(
  'bench.seed-dead-letters',
  `insert into dead_letter (dead_letter_id, tenant_id, task_id, task_type, agent_name, reason, error, state, settled_at, settled_by,
     discard_reason, created_at)
   select overlay(pulser.new_id()::text placing left(task_id::text, 13) from 1 for 13)::uuid, tenant_id, task_id, task_type,
     assigned_agent, error ->> 'code', error, case when open then 'open' else 'discarded' end, case when not open then completed_at end,
     case when not open then 'harness' end, case when not open then 'Known' end, completed_at
   from (select *, random() < 0.8 as open from task_queue where tenant_id = $1 and status = 'failed') t`,
);

const deltasPerFold = 20_000;
const rollupsPerRaise = 20_000;

/** As long as rollups are kept by default: apps/router/src/router.env.ts. */
const retention = { minutesForHours: 48, hoursForDays: 60, daysForDays: 730 };

const untilDone = async (step: () => Promise<number>): Promise<void> => {
  while ((await step()) > 0);
};

/** Adds up what the triggers noted, as routers do. The database needs the rights of the service role. */
export const foldAll = async (database: Database): Promise<void> => {
  const folds = new Folds(database);
  await untilDone(() => folds.foldTasks(deltasPerFold));
  await untilDone(() => folds.foldDeadLetters(deltasPerFold));
  await untilDone(() => folds.raise('minute', rollupsPerRaise));
  await untilDone(() => folds.raise('hour', rollupsPerRaise));
  await untilDone(() => folds.dropOld(retention, rollupsPerRaise));
  await folds.dropZeros();
};

export interface SeededTasks {
  readonly tenantId: string;
  readonly tasks: number;
  /** A word in texts of its rows that no other tenant's have. */
  readonly word: string;
}

/** So many tasks of a tenant, the oldest first. Folds on the way, so that deltas stay as few as in an installation. */
const fillTenant = async (
  database: Database,
  { tenantId, tasks, word }: SeededTasks,
  fold: () => Promise<void>,
): Promise<void> => {
  const toS = Date.now() / 1_000;
  const fromS = toS - days * 86_400;
  for (let done = 0; done < tasks; done += tasksPerStatement) {
    const count = Math.min(tasksPerStatement, tasks - done);
    const at = (n: number): number => fromS + ((toS - fromS) * n) / tasks;
    await database.query(insertTasks, [tenantId, at(done), at(done + count), count, word]);
    await fold();
  }
  await database.query(insertLetters, [tenantId]);
};

/**
 * Fills a fresh database with the tasks of these tenants, spread evenly over the last 30 days, and their dead letters.
 * `foldAll` adds up what is left to be.
 */
export const seedTasks = async (database: Database, tenants: readonly SeededTasks[]): Promise<void> => {
  await database.query(pastWeeks);
  const folds = new Folds(database);
  // One fold at a time gets rows; the other tenant goes on.
  const fold = (): Promise<void> => untilDone(() => folds.foldTasks(deltasPerFold));
  await Promise.all(tenants.map((tenant) => fillTenant(database, tenant, fold)));
};
