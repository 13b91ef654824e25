// Lists of a tenant's tasks, filtered by anything, newest first: ids come from where the narrowest filter is indexed, and the
// rows are checked for all of them.
import { Injectable } from '@nestjs/common';
import type { TaskQuery } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { shortError } from './errors-in-lists.js';
import { entityColumns, ownError, selected } from './reads.js';
import type { TaskEntity } from './task.entity.js';
import { endOfPrefix, idsFrom, merged, type RouteFilter, taskPlan } from './task-plan.policy.js';
import {
  allTasks,
  errorCodesFrom,
  type Facet,
  facetsFrom,
  firstId,
  idFloor,
  lastId,
  maxIds,
  type Source,
  stepsOf,
  tasksBetween,
  tasksInState,
  tasksWith,
  tasksWithError,
  valuesOf,
} from './task-sources.js';

const listColumns = selected(
  entityColumns.filter(({ options }) => options.select !== false),
  shortError(`(${ownError})`),
);

/** A page of a list. */
export interface TaskList {
  readonly tasks: readonly TaskEntity[];
  /** The id before which the next page begins; undefined when nothing is left. Stable while tasks come and end. */
  readonly next: string | undefined;
  /** It has looked at as many tasks as a page may, and is shorter than was asked for. */
  readonly partial: boolean;
}

/** Ids that a page reads at most: a search for what is rare gets short pages, never a long statement. */
export const maxRead = 5_000;

/** Values that a prefix may stand for, and routes that a tenant may have, before all tasks are read instead. */
const maxValues = 200;
const maxRoutes = 1_000;

// What is checked on the rows, whatever they were found by.
const conditions = {
  status: (value: string) => `t.status = any (${value}::text[]::task_status[])`,
  task_type: (value: string) => `t.task_type = ${value}`,
  agent: (value: string) => `t.assigned_agent = ${value}`,
  priority: (value: string) => `t.priority = ${value}::task_priority`,
  operation: (value: string) => `t.operation = ${value}`,
  error_code: (value: string) => `t.status = 'failed' and t.error ->> 'code' = ${value}`,
  parent_id: (value: string) => `t.parent_id = ${value}`,
  submitted_by: (value: string) => `t.submitted_by = ${value}`,
  label: (value: string) => `t.labels @> ${value}::jsonb`,
  q: (value: string) => `(starts_with(t.task_id::text, lower(${value})) or starts_with(t.operation, ${value})
     or t.status = 'failed' and starts_with(t.error ->> 'code', ${value})
     or exists (select from jsonb_each_text(t.labels) l where starts_with(l.value, ${value})))`,
} as const;

const conditionNames = Object.keys(conditions) as (keyof typeof conditions)[];

const valueOf = (query: TaskFilter, name: keyof typeof conditions): unknown =>
  name === 'label'
    ? JSON.stringify(Object.fromEntries((query.label ?? []).map(({ key, value }) => [key, value])))
    : query[name];

/** What narrows a list. */
export type TaskFilter = Partial<Omit<TaskQuery, 'limit' | 'cursor'>>;

/** Holds only the conditions that are asked for. */
const rowsOf = (query: TaskFilter): { readonly wanted: Statement; readonly values: readonly unknown[] } => {
  const used = conditionNames.filter((name) => query[name] !== undefined);
  const checked = used.map((name, n) => ` and ${conditions[name](`$${n + 5}`)}`).join('');
  const wanted = statement(
    `tasks.list/${used.join('+')}`,
    `select ${listColumns} from task_queue t where t.tenant_id = (select pulser.tenant_id()) and t.task_id = any ($1)
       and t.task_id between $2 and $3${checked}
     order by t.task_id desc limit $4`,
    { genericPlan: true },
  );
  return { wanted, values: used.map((name) => valueOf(query, name)) };
};

/** The value of a route in `task_facet`. */
const routeIn = (value: string): Required<RouteFilter> => {
  const [agent, taskType, priority, ...operation] = value.split('/');
  return { agent, taskType, priority, operation: operation.join('/') };
};

const routeMembers = ['agent', 'taskType', 'operation', 'priority'] as const;

const isAsked =
  (filter: RouteFilter) =>
  (route: RouteFilter): boolean =>
    routeMembers.every((name) => filter[name] === undefined || filter[name] === route[name]);

/** The range of texts that holds one text alone. */
const only = (text: string): readonly [string, string] => [text, `${text}\u0001`];

const labels = ['label:', 'label;'] as const;

@Injectable()
export class TaskLists {
  constructor(private readonly database: Database) {}

  /**
   * A page that begins before an id. Errors are short. It ends when it is full or has read 5,000 ids.
   * @throws DatabaseUnavailable
   */
  async page(tenantId: string, query: TaskFilter, limit: number, before = lastId): Promise<TaskList> {
    const from = query.created_after === undefined ? firstId : idFloor(query.created_after);
    const end = query.created_before === undefined ? lastId : idFloor(query.created_before);
    const sources = await this.sourcesOf(tenantId, query);
    const tasks: TaskEntity[] = [];
    let position = before < end ? before : end;
    let most = limit;
    for (let read = 0; ;) {
      const lists = await Promise.all(sources.map((source) => this.ids(tenantId, source, position, from, most)));
      read += lists.reduce((sum, { length }) => sum + length, 0);
      const { ids, next } = merged(lists, most);
      tasks.push(...(await this.rows(tenantId, query, ids, limit - tasks.length)));
      if (tasks.length === limit) return { tasks, next: tasks.at(-1)?.taskId, partial: false };
      if (next === undefined) return { tasks, next, partial: false };
      most = Math.min(2 * most, maxIds, Math.floor((maxRead - read) / sources.length));
      if (most < 1) return { tasks, next, partial: true };
      position = next;
    }
  }

  private async ids(tenantId: string, source: Source, before: string, from: string, most: number): Promise<string[]> {
    const values = valuesOf(source, before, from, most);
    return (await this.database.queryAs<{ id: string }>(tenantId, source.wanted, values)).map(({ id }) => id);
  }

  private async rows(
    tenantId: string,
    query: TaskFilter,
    ids: readonly string[],
    most: number,
  ): Promise<readonly TaskEntity[]> {
    if (ids.length === 0) return [];
    const { wanted, values } = rowsOf(query);
    return this.database.queryAs<TaskEntity>(tenantId, wanted, [ids, ids.at(-1), ids[0], most, ...values]);
  }

  private async sourcesOf(tenantId: string, query: TaskFilter): Promise<readonly Source[]> {
    const plan = taskPlan(query);
    switch (plan.by) {
      case 'all':
        return [allTasks];
      case 'parent':
        return [stepsOf(plan.parentId)];
      case 'label':
        return [tasksWith([{ facet: `label:${plan.label.key}`, value: plan.label.value }])];
      case 'error':
        return [tasksWithError([plan.code])];
      case 'submitter':
        return [tasksWith([{ facet: 'submitted_by', value: plan.submitter }])];
      case 'state':
        return plan.ranges.map(({ index, claimed }) => tasksInState(index, claimed));
      case 'route':
        return this.byRoute(tenantId, isAsked(plan.route));
      case 'text':
        return this.byText(tenantId, plan.text);
    }
  }

  private async byRoute(tenantId: string, isWanted: (route: RouteFilter) => boolean): Promise<readonly Source[]> {
    const routes = await this.facets(tenantId, only('route'), ['', endOfPrefix('')], maxRoutes);
    if (routes === undefined) return [allTasks];
    return [tasksWith(routes.filter(({ value }) => isWanted(routeIn(value))))];
  }

  private async byText(tenantId: string, text: string): Promise<readonly Source[]> {
    const prefix = [text, endOfPrefix(text)] as const;
    const [byOperation, labelled, codes] = await Promise.all([
      this.byRoute(tenantId, ({ operation = '' }) => operation.startsWith(text)),
      this.facets(tenantId, labels, prefix, maxValues),
      this.database.queryAs<{ code: string }>(tenantId, errorCodesFrom, [...prefix, maxValues + 1]),
    ]);
    if (labelled === undefined || codes.length > maxValues) return [allTasks];
    const ids = idsFrom(text);
    return [
      ...byOperation,
      tasksWith(labelled),
      tasksWithError(codes.map(({ code }) => code)),
      ...(ids === undefined ? [] : [tasksBetween(ids.from, ids.to)]),
    ];
  }

  /** Distinct facets in ranges of facets and of values; undefined: more than so many. */
  private async facets(
    tenantId: string,
    facets: readonly [string, string],
    values: readonly [string, string],
    most: number,
  ): Promise<Facet[] | undefined> {
    const found = await this.database.queryAs<Facet>(tenantId, facetsFrom, [...facets, ...values, most + 1]);
    return found.length > most ? undefined : found;
  }
}
