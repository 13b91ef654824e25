import type pg from 'pg';

/** One way to spoil the schema. */
export interface Mutation {
  readonly sql: string;
  /** Where rows would leak or be missed; null: in a partition, which no role reaches directly. */
  readonly table: string | null;
}

const setting = `current_setting('app.tenant_id', true)`;
const claim = `nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'tenant_id'`;

// Policies ask for the tenant of a transaction: what that function says is a part of them.
const tenantId = [
  `coalesce(nullif(${setting}, ''), '00000000-0000-7000-8000-000000000a00')`,
  `nullif(${setting}, '')`,
  `coalesce(${claim}, nullif(${setting}, ''))`,
  `coalesce(${setting}, ${claim})`,
].map(
  (tenant) =>
    `create or replace function pulser.tenant_id() returns uuid language sql stable as $$ select (${tenant})::uuid $$`,
);

const mutations = `
  with policy as (
    select polrelid::regclass::text as "table", format('policy %I on %s', polname, polrelid::regclass) as policy,
      polroles <> '{0}' as closed, polpermissive as permissive, clause, condition, clause = 'with check' and polcmd = 'w' as after_using
    from pg_policy, lateral (values
      ('using', pg_get_expr(polqual, polrelid)), ('with check', pg_get_expr(polwithcheck, polrelid))) c (clause, condition))
  select distinct "table", 'drop ' || policy as sql from policy
  union all
  select distinct "table", format('alter %s to public', policy) from policy where closed
  union all
  select "table", format('alter %s %s (true)', policy, clause) from policy where condition <> 'true'
  union all
  -- An update without a tenant finds no row to check.
  select "table", format('alter %s %s (%s or (select pulser.tenant_id()) is null)', policy, clause, condition)
  from policy where condition <> 'true' and not after_using and permissive
  union all
  -- A restrictive one adds to the others, by which a transaction without a tenant sees nothing.
  select "table", format('alter %s %s (%s or (select pulser.bound_tenant()) is null)', policy, clause, condition)
  from policy where condition <> 'true' and not permissive
  union all
  select case when not relispartition then c.oid::regclass::text end, format(spoilt, c.oid::regclass)
  from pg_class c, unnest(array['alter table %s disable row level security',
    'alter table %s no force row level security', 'create policy bad on %s using (true)']) spoilt
  where relrowsecurity
  union all
  select 'task_queue', unnest($1::text[])`;

/** Every mutation of the policies that stand in the catalogue: a table that comes later gets its own by itself. */
export const policyMutations = async (client: pg.Client): Promise<Mutation[]> =>
  (await client.query<{ table: string | null; sql: string }>(mutations, [tenantId])).rows;
