// Tables, their columns and their policies, from PostgreSQL's catalogue.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { withDatabase } from '../connection.js';
import { Name, Schema } from '../statements.js';

const Schemas = z.array(Name).max(50).optional().describe('Only these; without it all but those of PostgreSQL itself');
const Truncated = z.boolean().default(false);
const maxTables = 1_000;

const theirs = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_toast%' and n.nspname not like 'pg\\_temp%'
  and ($1::text[] is null or n.nspname = any ($1))`;

const TableRow = z.object({
  schema: z.string(),
  table: z.string(),
  kind: z.enum(['table', 'partitioned', 'view', 'materialized view', 'foreign']),
  rows: z
    .number()
    .nullable()
    .describe('Estimate; null: never analyzed, a view, or a table of Pulser itself, which holds rows of all tenants'),
  rls: z.enum(['off', 'on', 'forced']),
  policies: z.int(),
  comment: z.string().nullable(),
});

const tables = `
  select n.nspname as schema, c.relname as "table",
    case c.relkind when 'r' then 'table' when 'p' then 'partitioned' when 'v' then 'view' when 'm' then 'materialized view'
      else 'foreign' end as kind,
    case when c.relkind in ('r', 'p', 'm') and c.reltuples >= 0 and to_regprocedure('pulser.tenant_id()') is null
      then c.reltuples::float8 end as rows,
    case when c.relforcerowsecurity then 'forced' when c.relrowsecurity then 'on' else 'off' end as rls,
    (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
    obj_description(c.oid, 'pg_class') as comment
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and ${theirs}
    and has_any_column_privilege(c.oid, 'select, insert, update')
  order by 1, 2 limit $2`;

const list = defineTool({
  name: 'supabase_table_list',
  title: 'Tables',
  description:
    'Tables and views that the login may use, with an estimate of their rows and whether row-level security is on.',
  flag: 'read',
  input: z.object({ schemas: Schemas }),
  output: z.object({ tables: z.array(TableRow), truncated: Truncated }),
  examples: [{ arguments: {} }, { arguments: { schemas: ['public'] } }],
  run: ({ schemas }, call) =>
    withDatabase(call, 'read only', async (client) => {
      const { rows } = await client.query<z.input<typeof TableRow>>(tables, [schemas ?? null, maxTables + 1]);
      return { tables: rows.slice(0, maxTables), truncated: rows.length > maxTables };
    }),
});

const Column = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  default: z.string().nullable(),
  comment: z.string().nullable(),
});
const PolicyRow = z.object({
  policy: z.string(),
  command: z.string(),
  permissive: z.boolean(),
  roles: z.array(z.string()),
  using: z.string().nullable(),
  check: z.string().nullable(),
});

const found = `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and has_any_column_privilege(c.oid, 'select, insert, update')`;

const columns = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
    pg_get_expr(d.adbin, d.adrelid) as default, col_description(a.attrelid, a.attnum) as comment
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

const constraints = `
  select conname as name, case contype when 'p' then 'primary key' when 'f' then 'foreign key' when 'u' then 'unique'
    when 'x' then 'exclusion' else 'check' end as kind, pg_get_constraintdef(oid) as definition
  from pg_constraint where conrelid = $1 and contype in ('p', 'f', 'u', 'x', 'c') order by contype, conname`;

const indexes = `
  select i.relname as name, pg_get_indexdef(x.indexrelid) as definition
  from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1 order by i.relname`;

const policies = `
  select polname as policy, case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
      when 'd' then 'delete' else 'all' end as command, polpermissive as permissive,
    array(select coalesce(r.rolname, 'public') from unnest(polroles) role left join pg_roles r on r.oid = role)::text[] as roles,
    pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as check
  from pg_policy where polrelid = $1 order by polname`;

const Definition = z.object({ name: z.string(), definition: z.string() });

const describe = defineTool({
  name: 'supabase_table_describe',
  title: 'A table',
  description: 'Columns, keys, constraints, indexes and row-level policies of a table.',
  flag: 'read',
  input: z.object({ schema: Schema, table: Name }),
  output: z.object({
    columns: z.array(Column),
    constraints: z.array(Definition.extend({ kind: z.string() })),
    indexes: z.array(Definition),
    policies: z.array(PolicyRow),
  }),
  examples: [{ arguments: { table: 'orders' } }],
  run: ({ schema, table }, call) =>
    withDatabase(call, 'read only', async (client) => {
      const [row] = (await client.query<{ oid: number }>(found, [schema, table])).rows;
      if (row === undefined)
        throw new ToolError('not_found', `There is no table ${schema}.${table} that the login may use`);
      const of = [row.oid];
      return {
        columns: (await client.query<z.input<typeof Column>>(columns, of)).rows,
        constraints: (await client.query<z.input<typeof Definition> & { kind: string }>(constraints, of)).rows,
        indexes: (await client.query<z.input<typeof Definition>>(indexes, of)).rows,
        policies: (await client.query<z.input<typeof PolicyRow>>(policies, of)).rows,
      };
    }),
});

const allPolicies = `
  select schemaname as schema, tablename as "table", policyname as policy, lower(cmd) as command,
    permissive = 'PERMISSIVE' as permissive, roles::text[] as roles, qual as using, with_check as check
  from pg_policies n where schemaname not in ('pg_catalog', 'information_schema') and ($1::text[] is null or schemaname = any ($1))
  order by 1, 2, 3 limit $2`;

const unprotected = `
  select n.nspname as schema, c.relname as "table",
    case when not c.relrowsecurity then 'row-level security is off' else 'no policy: nobody but the owner sees rows' end as problem
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and ${theirs}
    and (not c.relrowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid))
  order by 1, 2 limit $2`;

const Where = z.object({ schema: z.string(), table: z.string() });
const maxPolicies = 1_000;

const policyList = defineTool({
  name: 'supabase_policy_list',
  title: 'Row-level policies',
  description: 'All row-level security policies, and the tables that have none or for which row-level security is off.',
  flag: 'read',
  input: z.object({ schemas: Schemas }),
  output: z.object({
    policies: z.array(Where.extend(PolicyRow.shape)),
    unprotected: z.array(Where.extend({ problem: z.string() })),
    truncated: Truncated,
  }),
  examples: [{ arguments: { schemas: ['public'] } }],
  run: ({ schemas }, call) =>
    withDatabase(call, 'read only', async (client) => {
      const values = [schemas ?? null, maxPolicies + 1];
      type Policies = z.input<typeof Where> & z.input<typeof PolicyRow>;
      const known = (await client.query<Policies>(allPolicies, values)).rows;
      const open = (await client.query<z.input<typeof Where> & { problem: string }>(unprotected, values)).rows;
      return {
        policies: known.slice(0, maxPolicies),
        unprotected: open.slice(0, maxPolicies),
        truncated: known.length > maxPolicies || open.length > maxPolicies,
      };
    }),
});

export const tableTools = [list, describe, policyList] as const;
