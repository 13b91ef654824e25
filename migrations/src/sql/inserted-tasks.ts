// What happens when tasks are inserted, in one trigger: their tenants are locked, they are counted (`task-deltas.ts`), and what
// they are found by is noted (`task-facets.ts`). One function reads the transition table once for what it needs to know: each
// further query of a statement costs as much as ten rows.
import { ownersPath } from './owner.js';
import { countNew } from './task-deltas.js';
import { noteNew } from './task-facets.js';

// As a foreign key does it, for each tenant of a statement instead of each row. Nearly all statements have one.
const lockTenants = `
    perform from public.tenant t where t.tenant_id = one for key share;
    if not found then
      raise foreign_key_violation using message = format('there is no tenant %s', one);
    end if;
    if several then
      perform from public.tenant t where t.tenant_id in (select n.tenant_id from new_table n) order by t.tenant_id for key share;
      select n.tenant_id into one from new_table n
      where not exists (select from public.tenant t where t.tenant_id = n.tenant_id) limit 1;
      if found then
        raise foreign_key_violation using message = format('there is no tenant %s', one);
      end if;
    end if;`;

/** @param uncounted the tenant whose tasks no count and no list shows */
const follow = (uncounted: string): string => `
  create function pulser.follow_inserted_tasks() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  declare
    one uuid; tasks bigint; several boolean; labelled boolean; begun boolean;
  begin
    select n.tenant_id into one from new_table n limit 1;
    if not found then
      return null;
    end if;
    select count(*), bool_or(n.tenant_id <> one), bool_or(n.labels is not null),
      bool_or(n.started_at is not null or n.completed_at is not null)
    into tasks, several, labelled, begun from new_table n;
    ${lockTenants}
    if one = '${uncounted}' and not several then
      return null;
    end if;
    ${countNew('begun', uncounted)}
    ${noteNew}
    return null;
  end
  $$`;

const keepTenant = `
  create function pulser.keep_tenant_of_tasks() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    if exists (select from public.task_queue where tenant_id = old.tenant_id) then
      raise foreign_key_violation using message = format('tenant %s has tasks', old.tenant_id);
    end if;
    return old;
  end
  $$`;

const names = ['follow_inserted_tasks()', 'keep_tenant_of_tasks()'];

// A lock is an update to row-level security, which this lets nobody make.
const lockPolicy = 'create policy task_lock on tenant for update to pulser_owner using (true) with check (false)';

/** The trigger on tasks, in the place of the foreign key to their tenants, and the other side of that. */
export const followInserted = (uncounted: string): string[] => [
  lockPolicy,
  follow(uncounted),
  keepTenant,
  ...names.map((name) => `revoke execute on function pulser.${name} from public`),
  `create trigger follow_insert after insert on task_queue referencing new table as new_table for each statement
   execute function pulser.follow_inserted_tasks()`,
  `create trigger keep_tenant_of_tasks before delete on tenant for each row execute function pulser.keep_tenant_of_tasks()`,
];

export const dropFollowInserted = [
  'drop trigger keep_tenant_of_tasks on tenant',
  'drop trigger follow_insert on task_queue',
  ...names.map((name) => `drop function pulser.${name}`),
  'drop policy task_lock on tenant',
];
