import type pg from 'pg';

import { complaintsOfRoles } from './complaints-of-roles.js';
import { complaintsOfTables } from './complaints-of-tables.js';
import { extraPolicies, type ExtraPolicy, keysOfAll, tablesOfAll } from './deliberate.js';

const own = '(tenant_id = ( SELECT pulser.tenant_id() AS tenant_id))';

const policiesOfEveryTable = [
  `tenant_select: permissive select to public using ${own} check null`,
  `tenant_insert: permissive insert to public using null check ${own}`,
  `tenant_update: permissive update to public using ${own} check ${own}`,
  `tenant_delete: permissive delete to public using ${own} check null`,
  'service: permissive all to pulser_service using true check true',
];

const textOf = ({ name, command, to, using = 'null', check = 'null' }: ExtraPolicy): string =>
  `${name}: permissive ${command} to ${to} using ${using} check ${check}`;

const role = (oid: string): string => `case ${oid} when 0 then 'public' else pg_get_userbyid(${oid})::text end`;

// Every schema that is not PostgreSQL's own: a table elsewhere than in public is looked at too. An index of a partition
// that belongs to one of its table is not listed again.
const prepared = `
  with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
  role as (select *, rolname::text as name from pg_roles
    where rolname in ('pulser_app', 'pulser_service', 'pulser_owner')),
  relation as materialized (
    select c.oid, c.oid::regclass::text as name, relispartition as partition, pg_get_userbyid(relowner)::text as owner,
      relowner, relacl, reloptions as options, relrowsecurity as enabled, relforcerowsecurity as forced,
      case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
      exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped) as tenant
    from pg_class c where relnamespace in (select oid from ours) and relkind in ('r', 'p', 'f', 'v', 'm')),
  bound as (select * from relation where kind = 'table' and tenant),
  policy as (
    select polrelid::regclass::text as base, format('%s: %s %s to %s using %s check %s', polname,
      case when polpermissive then 'permissive' else 'restrictive' end,
      case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(${role('r')}, ', ' order by 1) from unnest(polroles) r),
      coalesce(pg_get_expr(polqual, polrelid), 'null'), coalesce(pg_get_expr(polwithcheck, polrelid), 'null')) as text
    from pg_policy),
  agreed as (
    select name as base, text from bound, unnest($3::text[]) text where not partition
    union all select * from unnest($4::text[], $5::text[]) as extra (base, text)),
  index as (
    select indrelid as relid, indrelid::regclass::text as base, c.relname::text as name, indisunique as is_unique,
      array(select (select attname::text from pg_attribute where attrelid = indrelid and attnum = key)
        from unnest(indkey::int2[]) with ordinality as k (key, place) order by place) as columns
    from pg_index join pg_class c on c.oid = indexrelid
    where indrelid in (select oid from bound) and not c.relispartition),
  granted as (
    select name, partition, tenant, ${role('grantee')} as grantee, is_grantable as grantable,
      lower(privilege_type) || coalesce(' (' || attname || ')', '') as privilege
    from relation r cross join lateral (
      select null as attname, relacl as acl
      union all select attname, attacl from pg_attribute where attrelid = r.oid) held, aclexplode(acl)
    where grantee <> relowner),
  definer as (
    select *, (select substr(s, 13) from unnest(proconfig) s where s like 'search_path=%') as path
    from pg_proc p where pronamespace in (select oid from ours) and prosecdef)`;

const statement = `${prepared} ${[...complaintsOfTables, ...complaintsOfRoles].join('\n union all ')}`;

/**
 * Everything by which the schema could show one tenant's rows to another, as PostgreSQL's catalogue tells it.
 * @returns one sentence each, none when it is sound
 */
export const complaints = async (client: pg.Client): Promise<string[]> => {
  const { rows } = await client.query<[string]>({
    text: statement,
    rowMode: 'array',
    values: [
      Object.keys(tablesOfAll),
      Object.keys(keysOfAll),
      policiesOfEveryTable,
      extraPolicies.map(({ table }) => table),
      extraPolicies.map(textOf),
    ],
  });
  return rows.map(([complaint]) => complaint);
};
