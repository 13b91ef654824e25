/** Queries that name what roles may too much; they read what `complaints.ts` prepares. */
export const complaintsOfRoles: readonly string[] = [
  // No policy binds truncate, references and trigger, and nobody passes a right on.
  `select name || ': ' || grantee || ' is granted ' || privilege from granted
   where partition or grantable or grantee not in ('pulser_app', 'pulser_service')
     or privilege !~ '^(select|insert|update|delete)( |$)'
     or grantee = 'pulser_app' and not tenant and privilege <> 'select'`,

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
