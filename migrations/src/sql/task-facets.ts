// What a task is found by while and after it runs: its route (agent, type, operation, priority), who submitted it, and its
// labels. Triggers note its id under each, so that what every statement does is noted, also those of older versions and of
// administrators.
import { ownersPath } from './owner.js';

/** SQL: the value of the facet `route` of a row: names without a slash, then the operation. */
const route = (row: string): string =>
  `concat_ws('/', ${row}.assigned_agent, ${row}.task_type, ${row}.priority, coalesce(${row}.operation, ''))`;

/**
 * SQL: columns by which the tasks of `task_facet` are grouped. Those of a row share the first 40 bits of their ids: they
 * were submitted within 256 ms, so that a page that begins between two of them finds the row by its last id. Texts are
 * compared by their bytes, and ids as texts because PostgreSQL has no max(uuid).
 */
const grouped = `t.tenant_id, t.task_id, t.task_id::text collate "C" as id, left(t.task_id::text, 11) collate "C" as moment`;

const columns = '(tenant_id, facet, value, last_id, task_ids)';

/** SQL: notes the routes and submitters of the tasks of a row set. */
const noteRoutes = (from: string): string => `
    insert into public.task_facet ${columns}
    select tenant_id, case grouping(route) when 0 then 'route' else 'submitted_by' end, coalesce(route, submitted_by),
      max(id)::uuid, array_agg(task_id)
    from (
      select ${grouped}, ${route('t')} collate "C" as route, t.submitted_by collate "C" as submitted_by from ${from} t offset 0
    ) n group by grouping sets ((tenant_id, moment, route), (tenant_id, moment, submitted_by))
    having grouping(route) = 0 or submitted_by is not null`;

// The same for a single task, in two thirds of the time.
const noteOne = `
    insert into public.task_facet ${columns}
    select t.tenant_id, f.facet, f.value, t.task_id, array[t.task_id] from new_table t
    cross join lateral (values ('route', ${route('t')}), ('submitted_by', t.submitted_by)) as f(facet, value)
    where f.value is not null`;

const noteLabels = `
    insert into public.task_facet ${columns}
    select n.tenant_id, 'label:' || l.key, l.value, max(n.id)::uuid, array_agg(n.task_id)
    from (select ${grouped}, t.labels from new_table t where t.labels is not null offset 0) n
    cross join lateral jsonb_each_text(n.labels) l
    group by n.tenant_id, n.moment, l.key, l.value`;

/** PL/pgSQL: notes the rows of `new_table`, given the variables `tasks` and `labelled`. */
export const noteNew = `if tasks = 1 then
      ${noteOne};
    elsif tasks > 1 then
      ${noteRoutes('new_table')};
    end if;
    if labelled then
      ${noteLabels};
    end if;`;

const noteInserted = (unless = ''): string => `
  create function pulser.note_inserted_facets() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  declare
    tasks bigint; labelled boolean;
  begin${unless}
    select count(*), bool_or(labels is not null) into tasks, labelled from new_table;
    ${noteNew}
    return null;
  end
  $$`;

// A task that moved to another agent, or was changed. Its former route stays noted: who reads looks at the task itself. One
// that comes back to a route is noted already: an id is noted once under each value, because a page counts on it.
const followChanged = `
  create function pulser.follow_changed_task() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  declare
    now_at text := ${route('new')};
  begin
    if (old.assigned_agent <> new.assigned_agent or old.priority <> new.priority) and not exists (
      select from public.task_facet where tenant_id = new.tenant_id and facet = 'route' and value = now_at
        and last_id >= new.task_id and new.task_id = any (task_ids)
        and last_id <= (left(new.task_id::text, 11) || 'ff-ffff-ffff-ffffffffffff')::uuid
    ) then
      insert into public.task_facet (tenant_id, facet, value, last_id, task_ids)
      values (new.tenant_id, 'route', now_at, new.task_id, array[new.task_id]);
    end if;
    if old.priority <> new.priority or old.run_at is distinct from new.run_at or old.deadline_at is distinct from new.deadline_at
    then
      perform pulser.append_audit(new.tenant_id, row(null, null, null, null, 'task.changed', array[new.task_id::text],
        'done', pulser.digest(to_jsonb(old)), pulser.digest(to_jsonb(new)), null, null)::public.audit_entry);
    end if;
    return null;
  end
  $$`;

// Per row with a condition, because a transition table would have to be joined for every update of a task.
const triggers = [
  `create trigger facets_insert after insert on task_queue referencing new table as new_table for each statement
   execute function pulser.note_inserted_facets()`,
  `create trigger task_changed after update on task_queue for each row
   when (old.assigned_agent <> new.assigned_agent or old.priority <> new.priority or old.run_at is distinct from new.run_at
     or old.deadline_at is distinct from new.deadline_at)
   execute function pulser.follow_changed_task()`,
];

const names = ['note_inserted_facets()', 'follow_changed_task()'];

/** Notes the tasks that are there; then functions, with the triggers that call them, note those that come. */
export const facetsFromNowOn = [
  noteRoutes('public.task_queue'),
  noteInserted(),
  followChanged,
  ...names.map((name) => `revoke execute on function pulser.${name} from public`),
  ...triggers,
];

const unlessOf = (tenantId: string): string => `
    if (select tenant_id from new_table limit 1) = '${tenantId}' then
      return null;
    end if;`;

/** From now on statements that insert tasks of one tenant alone note nothing; undefined: all note what they insert. */
export const noteAllBut = (tenantId?: string): string =>
  noteInserted(tenantId === undefined ? '' : unlessOf(tenantId)).replace(
    'create function',
    'create or replace function',
  );

/** Noting what is inserted, as a trigger of its own. */
export const noteInsertedAlone = (exceptTenant: string): string[] => [
  noteInserted(unlessOf(exceptTenant)),
  'revoke execute on function pulser.note_inserted_facets() from public',
  `create trigger facets_insert after insert on task_queue referencing new table as new_table for each statement
   execute function pulser.note_inserted_facets()`,
];

export const dropNoteInsertedAlone = [
  'drop trigger facets_insert on task_queue',
  'drop function pulser.note_inserted_facets()',
];

export const dropFacets = [
  'drop trigger task_changed on task_queue',
  'drop trigger facets_insert on task_queue',
  ...names.map((name) => `drop function pulser.${name}`),
];
