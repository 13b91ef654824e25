/** Queries that name what is wrong with tables, their policies and their keys; they read what `complaints.ts` prepares. */
export const complaintsOfTables: readonly string[] = [
  `select name || ': has no tenant_id, and no reason for that' from relation
   where kind = 'table' and not tenant and name <> all($1::text[])`,
  `select excused || ': is excused, but does not exist' from unnest($1::text[] || $2::text[]) excused
   where excused not in (select name from relation where kind = 'table' union all select name from index)`,

  `select name || ': row-level security is not enabled' from bound where not enabled`,
  `select name || ': row-level security is not forced' from bound where not forced`,
  `select name || ': belongs to ' || owner || ', not to pulser_owner' from bound where owner <> 'pulser_owner'`,

  // A partition is reached through its table. It has no policy: whoever asks it directly sees nothing.
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
