// The catalogue check: one query that asks PostgreSQL's catalogue for every way past row-level security.
import type pg from 'pg';

import { extraPolicies, type ExtraPolicy, keysOfAll, tablesOfAll } from './deliberate.js';

const own = '(tenant_id = ( SELECT pulser.tenant_id() AS tenant_id))';

const policiesOfEveryTable = [
  `tenant_select: permissive select to public using ${own} check null`,
  `tenant_insert: permissive insert to public using null check ${own}`,
  `tenant_update: permissive update to public using ${own} check ${own}`,
  `tenant_delete: permissive delete to public using ${own} check null`,
  'service: permissive all to pulser_service using true check true',
];

const textOf = ({ name, kind, command, to, using = 'null', check = 'null' }: ExtraPolicy): string =>
  `${name}: ${kind ?? 'permissive'} ${command} to ${to} using ${using} check ${check}`;

const role = (oid: string): string => `case ${oid} when 0 then 'public' else pg_get_userbyid(${oid})::text end`;

// Every schema that is not PostgreSQL's own: a table elsewhere than in public is looked at too. An index of a partition
// that belongs to one of its table is not listed again.
const prepared = `
  with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),
  role as (select *, rolname::text as name from pg_roles
    where rolname in ('pulser_app', 'pulser_service', 'pulser_mcp', 'pulser_owner')),
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

// Queries over `prepared` that name what is wrong with tables, their policies and their keys.
const complaintsOfTables: readonly string[] = [
  `select name || ': has no tenant_id, and no reason for that' from relation
   where kind = 'table' and not tenant and name <> all($1::text[])`,
  `select excused || ': is excused, but does not exist' from unnest($1::text[] || $2::text[]) excused
   where excused not in (select name from relation where kind = 'table' union all select name from index)`,

  `select name || ': row-level security is not enabled' from bound where not enabled`,
  `select name || ': row-level security is not forced' from bound where not forced`,
  `select name || ': belongs to ' || owner || ', not to pulser_owner' from bound where owner <> 'pulser_owner'`,

  // A partition is reached through its table. It has no policy: a direct query sees nothing.
  `select base || ': has the policy ' || text from
     (select base, text from policy except select base, text from agreed) unknown`,
  `select base || ': lacks the policy ' || text from
     (select base, text from agreed except select base, text from policy) missing`,

  // An index without the tenant is read past the rows of all others.
  `select base || ': the key or index ' || name || ' does not lead with tenant_id' from index
   where columns[1] is distinct from 'tenant_id' and name <> all($2::text[])`,
  // A key without it tells one tenant by its errors what another one has.
  `select base || ': pulser_app may write the unique key ' || name || ', which has no tenant_id' from index i
   where is_unique and not 'tenant_id' = any(array_remove(columns, null)) and (has_any_column_privilege('pulser_app', relid, 'insert')
     or exists (select from unnest(columns) c where has_column_privilege('pulser_app', relid, c, 'update')))`,
  `select conrelid::regclass || ': the foreign key ' || conname || ' to ' || confrelid::regclass ||
     ' does not include tenant_id'
   from pg_constraint where contype = 'f' and conparentid = 0
     and conrelid in (select oid from bound) and confrelid in (select oid from bound)
     and not exists (select from unnest(conkey, confkey) as pair (own, other)
       join pg_attribute a on a.attrelid = conrelid and a.attnum = own and a.attname = 'tenant_id'
       join pg_attribute b on b.attrelid = confrelid and b.attnum = other and b.attname = 'tenant_id')`,
];

// Queries over `prepared` that name rights of roles beyond what is intended.
const complaintsOfRoles: readonly string[] = [
  // No policy binds truncate, references and trigger, and no grantee may pass a right on.
  `select name || ': ' || grantee || ' is granted ' || privilege from granted
   where partition or grantable or grantee not in ('pulser_app', 'pulser_service', 'pulser_mcp')
     or privilege !~ '^(select|insert|update|delete)( |$)'
     or grantee in ('pulser_app', 'pulser_mcp') and not tenant and privilege <> 'select'`,
  // It runs SQL of others: of tables with a tenant it reads those alone that bind it.
  `select name || ': pulser_mcp is granted ' || privilege || ', which no policy binds' from granted
   where grantee = 'pulser_mcp' and tenant and (privilege !~ '^select( |$)' or not exists (select from policy
     where base = granted.name and text like 'bound: restrictive all to pulser_mcp using (tenant_id = %'))`,

  `select name || ': the view is not security_invoker' from relation r where kind = 'view' and not exists (
     select from pg_options_to_table(r.options) where option_name = 'security_invoker' and option_value::boolean)`,
  `select name || ': a materialized view has no policies' from relation where kind = 'materialized view'`,

  // pg_temp is searched first unless it is named: a caller's temporary type would run its checks as the owner.
  `select oid::regproc || ': runs as its owner with the search path ' || coalesce(path, 'of its caller')
   from definer where path is distinct from 'pg_catalog, pg_temp'`,
  `select oid::regproc || ': runs as its owner, and everybody may execute it' from definer,
     aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0`,

  `select name || ': is ' || power from role, unnest(array[case when rolsuper then 'superuser' end,
     case when rolbypassrls then 'bypassrls' end, case when rolcreaterole then 'createrole' end,
     case when rolcreatedb then 'createdb' end, case when rolreplication then 'replication' end]) power
   where power is not null`,
  // The pipeline becomes pulser_app for what it does in the name of one tenant; never the other way round.
  `select name || ': can become ' || o.rolname from role r join pg_roles o
     on o.oid <> r.oid and pg_has_role(r.oid, o.oid, 'member')
   where (name, o.rolname) <> ('pulser_service', 'pulser_app')`,
  `select name || ': owns ' || pg_describe_object(classid, objid, objsubid) from role join pg_shdepend
     on refclassid = 'pg_authid'::regclass and refobjid = role.oid and deptype = 'o'
   where name <> 'pulser_owner' and (dbid = 0 or dbid = (select oid from pg_database where datname = current_database()))`,
  `select name || ': may create in schema ' || nspname from role, pg_namespace n
   where name <> 'pulser_owner' and n.oid in (select oid from ours) and has_schema_privilege(role.oid, n.oid, 'create')`,
];

const statement = `${prepared} ${[...complaintsOfTables, ...complaintsOfRoles].join('\n union all ')}`;

/**
 * Everything in the catalogue of PostgreSQL by which one tenant could reach the rows of another.
 * @returns one sentence per finding, none when the schema is sound
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
