// Whether a database holds together: what is counted beside the rows says what the rows say, and nothing waits for ever.
// For a database that was restored; it reads every open task, dead letter and file, so not for every minute.
import { systemTenantId } from '@pulser/contracts';
import { type Database, statement, type Statement } from '@pulser/database';

/** Faults of one kind, each a sentence. None: all is well. */
export interface IntegrityFinding {
  readonly checked: number;
  readonly faults: readonly string[];
}

// A login that row-level security binds would find no row missing, because it sees none.
const seesAll = statement(
  'integrity.sees-all',
  `select rolsuper or rolbypassrls or pg_has_role(current_user, 'pulser_service', 'usage') as "seesAll"
   from pg_roles where rolname = current_user`,
);

// Triggers keep the counts in the transaction of every change. Tasks of Pulser itself are not counted.
const openTasks = statement(
  'integrity.open-tasks',
  `with kept as (
     select tenant_id, agent_name, task_type, priority, status, tasks from task_count_live
   ), counted as (
     select tenant_id, assigned_agent as agent_name, task_type, priority::text, status::text, count(*) as tasks
     from task_queue where completed_at is null and tenant_id <> $1 group by 1, 2, 3, 4, 5
   )
   select coalesce(sum(c.tasks), 0)::int as checked, coalesce(array_agg(format(
       'tenant %s has %s tasks of %s that are %s (%s, %s), and %s are kept', tenant_id, coalesce(c.tasks, 0), task_type, status,
       agent_name, priority, coalesce(k.tasks, 0)
     ) order by tenant_id, task_type, status, priority) filter (where c.tasks is distinct from k.tasks), '{}') as faults
   from kept k full join counted c using (tenant_id, agent_name, task_type, priority, status)`,
);

const deadLetters = statement(
  'integrity.dead-letters',
  `with kept as (
     select tenant_id, state::text, agent_name, task_type, sum(letters) as letters from dead_letter_count_live group by 1, 2, 3, 4
   ), counted as (
     select tenant_id, state::text, agent_name, task_type, count(*) as letters from dead_letter group by 1, 2, 3, 4
   )
   select coalesce(sum(c.letters), 0)::int as checked, coalesce(array_agg(format(
       '%s has %s dead letters of %s that are %s, and %s are kept', coalesce('tenant ' || k.tenant_id, 'tenant ' || c.tenant_id, 'no tenant'),
       coalesce(c.letters, 0), coalesce(k.task_type, c.task_type, 'an unknown type'), coalesce(k.state, c.state), coalesce(k.letters, 0)
     ) order by k.tenant_id, c.tenant_id) filter (where c.letters is distinct from k.letters), '{}') as faults
   from kept k full join counted c on concat_ws('/', k.tenant_id, k.state, k.agent_name, k.task_type)
     = concat_ws('/', c.tenant_id, c.state, c.agent_name, c.task_type)`,
);

// The longest interval to the next look at a queued task is some minutes, and leases and back-offs are shorter than a day.
const dueTasks = statement(
  'integrity.due-tasks',
  `select count(*)::int as checked, count(*) filter (where due_at <= now())::int as due,
     coalesce(array_agg(format('task %s of tenant %s is %s, and looked at again only at %s', task_id, tenant_id, status, due_at)
       order by task_id) filter (where status in ('queued', 'running', 'retrying') and due_at > now() + interval '1 day'), '{}')
       as faults
   from task_queue where completed_at is null`,
);

const files = statement(
  'integrity.files',
  `select count(*)::int as checked, coalesce(array_agg(format('file %s of tenant %s has %s bytes of %s', content_id, tenant_id,
       coalesce(found, 0), bytes) order by content_id) filter (where found is distinct from bytes), '{}') as faults
   from (
     select c.tenant_id, c.content_id, c.bytes,
       (select coalesce(sum(octet_length(p.bytes)), 0)::bigint from content_piece p
        where p.tenant_id = c.tenant_id and p.content_id = c.content_id) as found
     from content c where store = 'database' and sha256 is not null
   ) file`,
);

const filesElsewhere = statement(
  'integrity.files-elsewhere',
  `select count(*)::int as files from content where store <> 'database'`,
);

const indexes = statement(
  'integrity.indexes',
  `select count(*)::int as checked,
     coalesce(array_agg(format('index %s is not complete', indexrelid::regclass)) filter (where not indisvalid), '{}') as faults
   from pg_index`,
);

const keys = statement(
  'integrity.keys',
  'select key_id as "keyId", count(*)::int as secrets from tenant_secret group by 1 order by 1',
);

/** Checks of a whole database. */
export class Integrity {
  constructor(private readonly database: Database) {}

  /** Whether the login sees the rows of all tenants: without that every check passes. */
  async seesAll(): Promise<boolean> {
    const [row] = await this.database.query<{ seesAll: boolean }>(seesAll);
    return row?.seesAll === true;
  }

  openTasks(): Promise<IntegrityFinding> {
    return this.one(openTasks, [systemTenantId]);
  }

  deadLetters(): Promise<IntegrityFinding> {
    return this.one(deadLetters);
  }

  /** @returns also how many are due at this moment: after a restore all that were open, which routers see to at once */
  async dueTasks(): Promise<IntegrityFinding & { due: number }> {
    const [row] = await this.database.query<IntegrityFinding & { due: number }>(dueTasks);
    if (row === undefined) throw new Error('An aggregate returned no row');
    return row;
  }

  /** Files whose bytes are in the database. */
  files(): Promise<IntegrityFinding> {
    return this.one(files);
  }

  /** How many files have their bytes in a folder or bucket, which is restored by itself. */
  async filesElsewhere(): Promise<number> {
    const [row] = await this.database.query<{ files: number }>(filesElsewhere);
    return row?.files ?? 0;
  }

  indexes(): Promise<IntegrityFinding> {
    return this.one(indexes);
  }

  /** Which keys of SECRETS_KEY the secrets of tenants need. */
  keys(): Promise<{ keyId: string; secrets: number }[]> {
    return this.database.query(keys);
  }

  private async one(wanted: Statement, values: readonly unknown[] = []): Promise<IntegrityFinding> {
    const [row] = await this.database.query<IntegrityFinding>(wanted, values);
    if (row === undefined) throw new Error('An aggregate returned no row');
    return row;
  }
}
