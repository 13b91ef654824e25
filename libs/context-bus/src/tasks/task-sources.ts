// Where the ids of a tenant's tasks are read that a filter may match, newest first: from the primary key, from an index of
// those in a state, of the steps of a task, of dead letters by error code, or from what triggers note about each task.
import { statement, type Statement } from '@pulser/database';

/**
 * Ids of tasks in falling order: a statement with the parameters $1 (ids before this one), $2 (from this one on), $3 (at
 * most so many), then its own. One that gives fewer than $3 has no more.
 */
export interface Source {
  readonly wanted: Statement;
  readonly values: readonly unknown[];
}

export const firstId = '00000000-0000-0000-0000-000000000000';
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The smallest id of a moment. @param at RFC 3339 */
export const idFloor = (at: string): string => {
  const hex = Math.max(0, Date.parse(at)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${firstId.slice(13)}`;
};

/** The largest id that shares its first 40 bits with this one: see the comment on `task_facet.task_ids`. */
const endOfMoment = (id: string): string => `${id.slice(0, 11)}${lastId.slice(11)}`;

const own = 'tenant_id = (select pulser.tenant_id())';

/** Most ids of one statement. */
export const maxIds = 500;

/** SQL: the first $3 rows. The literal limit is what the planner reckons with, for one plan serves all values. */
const firstRows = (ordered: string): string => `select * from (${ordered} limit ${maxIds}) first_rows limit $3`;

const forAllValues = { genericPlan: true };

const primaryKey = statement(
  'tasks.ids',
  firstRows(
    `select task_id as id from task_queue where ${own} and task_id < $1 and task_id >= $2 order by task_id desc`,
  ),
  forAllValues,
);

const range = statement(
  'tasks.ids-in-range',
  firstRows(`select task_id as id from task_queue where ${own} and task_id < $1 and task_id >= $2
     and task_id between $4 and $5 order by task_id desc`),
  forAllValues,
);

/** Tasks with ids in a range, its ends included. */
export const tasksBetween = (from: string, to: string): Source => ({ wanted: range, values: [from, to] });

/** All tasks. */
export const allTasks: Source = { wanted: primaryKey, values: [] };

/*
 * Equality with a parameter would let the planner take the primary key and read past any number of other rows: an order
 * that only the index in mind has, and comparisons of whole rows, do not. See ADR 8.
 */
const children = statement(
  'tasks.ids-of-steps',
  firstRows(`select task_id as id from task_queue where ${own} and parent_id is not null and task_id < $1
     and task_id >= $2 and (parent_id, task_id) < ($4::uuid, $1) and (parent_id, task_id) >= ($4::uuid, $2)
   order by parent_id desc, task_id desc`),
  forAllValues,
);

export const stepsOf = (parentId: string): Source => ({ wanted: children, values: [parentId] });

/** Partial indexes of tasks by state, with the same conditions as in the migration. */
const stateIndexes = {
  active: `completed_at is null and status not in ('scheduled', 'waiting')`,
  pending: `status in ('scheduled', 'waiting')`,
  failed: `status = 'failed'`,
  cancelled: `status = 'cancelled'`,
} as const;
export type StateIndex = keyof typeof stateIndexes;

const ofState = (index: StateIndex): Statement =>
  statement(
    `tasks.ids-${index}`,
    `select t.task_id as id from unnest($4::bool[]) as c(claimed) cross join lateral (
       ${firstRows(`select task_id from task_queue where ${own} and ${stateIndexes[index]} and task_id < $1 and task_id >= $2
         and (epoch > 0, task_id) < (c.claimed, $1) and (epoch > 0, task_id) >= (c.claimed, $2)
       order by epoch > 0 desc, task_id desc`)}
     ) t order by t.task_id desc limit $3`,
    forAllValues,
  );

const stateStatements = Object.fromEntries(
  (Object.keys(stateIndexes) as StateIndex[]).map((index) => [index, ofState(index)]),
) as Record<StateIndex, Statement>;

/** Tasks that are in one of the states of an index. @param claimed whether they ever were; undefined: either */
export const tasksInState = (index: StateIndex, claimed?: boolean): Source => ({
  wanted: stateStatements[index],
  values: [claimed === undefined ? [false, true] : [claimed]],
});

const deadLetters = statement(
  'tasks.ids-by-error',
  `select l.task_id as id from unnest($4::text[]) as c(code) cross join lateral (
     ${firstRows(`select task_id from dead_letter where ${own} and task_id is not null
       and (reason collate "C", task_id) < (c.code collate "C", $1::uuid)
       and (reason collate "C", task_id) >= (c.code collate "C", $2::uuid)
     order by reason collate "C" desc, task_id desc`)}
   ) l order by l.task_id desc limit $3`,
  forAllValues,
);

/** Tasks that have failed for good with one of these error codes. */
export const tasksWithError = (codes: readonly string[]): Source => ({ wanted: deadLetters, values: [codes] });

/** What a task is found by, as `task_facet` holds it. */
export interface Facet {
  readonly facet: 'route' | 'submitted_by' | `label:${string}`;
  readonly value: string;
}

// A row holds tasks of one moment. Those of the moment in which $1 lies are all read: it may lie among theirs. Where more
// facets than $3 have tasks, those whose newest is older than the $3rd newest of all have none of the first $3. A task that
// moved is noted in two of them, and counts once.
const noted = statement(
  'tasks.ids-by-facet',
  `with newest as materialized (
     select k.facet, k.value, f.last_id from unnest($4::text[], $5::text[]) as k(facet, value) cross join lateral (
       select last_id from task_facet where ${own} and last_id >= $2 and last_id <= $6::uuid
         and (facet, value, last_id) >= (k.facet, k.value, $2) and (facet, value, last_id) <= (k.facet, k.value, $6)
       order by facet desc, value desc, last_id desc limit 1
     ) f
   ), bound as materialized (
     select coalesce((select distinct last_id from newest where last_id < $1 order by last_id desc offset $3 - 1 limit 1), $2) as id
   )
   select distinct i.id from newest k cross join bound b cross join lateral (
     (select task_ids from task_facet where ${own} and last_id >= $1 and last_id <= $6
        and (facet, value, last_id) >= (k.facet, k.value, $1) and (facet, value, last_id) <= (k.facet, k.value, $6))
     union all
     (${firstRows(`select task_ids from task_facet where ${own} and last_id < $1 and last_id >= $2
        and (facet, value, last_id) < (k.facet, k.value, $1) and (facet, value, last_id) >= (k.facet, k.value, b.id)
        order by facet desc, value desc, last_id desc`)})
   ) r cross join lateral unnest(r.task_ids) as i(id)
   where k.last_id >= b.id and i.id < $1 and i.id >= $2 order by i.id desc limit $3`,
  forAllValues,
);

/** Tasks that have or had one of these facets. */
export const tasksWith = (facets: readonly Facet[]): Source => ({
  wanted: noted,
  values: [facets.map(({ facet }) => facet), facets.map(({ value }) => value)],
});

/** The values of a source for a page that begins before an id. */
export const valuesOf = ({ wanted, values }: Source, before: string, from: string, most: number): unknown[] => [
  before,
  from,
  most,
  ...values,
  ...(wanted === noted ? [endOfMoment(before)] : []),
];

/** Distinct error codes of tasks that failed, from $1 up to $2, at most $3: by a loose index scan. */
export const errorCodesFrom = statement(
  'tasks.error-codes',
  `with recursive codes as (
     (select reason collate "C" as code from dead_letter where ${own} and task_id is not null
        and reason collate "C" >= $1 and reason collate "C" < $2 order by 1 limit 1)
     union all
     select n.code from codes c cross join lateral (
       select reason collate "C" as code from dead_letter where ${own} and task_id is not null
         and reason collate "C" > c.code and reason collate "C" < $2 order by 1 limit 1
     ) n
   )
   select code from codes limit $3`,
  forAllValues,
);

/** Distinct facets from $1 up to $2, with values from $3 up to $4, at most $5: by a loose index scan. */
export const facetsFrom = statement(
  'tasks.facets',
  `with recursive names as (
     (select facet from task_facet where ${own} and facet >= $1 and facet < $2 order by facet limit 1)
     union all
     select n.facet from names s cross join lateral (
       select facet from task_facet where ${own} and facet > s.facet and facet < $2 order by facet limit 1
     ) n
   ), pairs as (
     select f.facet, v.value from names f cross join lateral (
       select value from task_facet where ${own} and (facet, value) >= (f.facet, $3) and (facet, value) < (f.facet, $4)
       order by facet, value limit 1
     ) v
     union all
     select p.facet, n.value from pairs p cross join lateral (
       select value from task_facet where ${own} and (facet, value) > (p.facet, p.value) and (facet, value) < (p.facet, $4)
       order by facet, value limit 1
     ) n
   )
   select facet, value from pairs limit $5`,
  forAllValues,
);
