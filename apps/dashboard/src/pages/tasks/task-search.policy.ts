// What the search box of the task list understands: `status:failed agent:dash label:customer:acme invoice`. The words with a
// colon are filters of the list, the rest is looked for as text. The same filters stand in the URL.
import type { Priority, TaskStatus } from '@pulser/contracts';

import type { Query } from '../../api/client.js';
import { priorities, statuses } from '../../api/task-states.js';
import { listOf, oneOf, someOf, textOf } from '../../app/search.policy.js';
import type { Chip } from '../../ui/chips.js';

/** The filters of the list, as the URL has them. What is undefined does not narrow it. */
export interface TaskSearch {
  /** How an id, an operation, an error code or the value of a label begins. */
  readonly q?: string | undefined;
  readonly status?: readonly TaskStatus[] | undefined;
  readonly agent?: string | undefined;
  readonly task_type?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly operation?: string | undefined;
  readonly error_code?: string | undefined;
  readonly parent_id?: string | undefined;
  readonly submitted_by?: string | undefined;
  /** `key:value`, with their commas as %2C. */
  readonly label?: readonly string[] | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
}

type Name = keyof TaskSearch;

/** What is written before the colon, and what it filters. */
const words: Readonly<Record<string, Name>> = {
  status: 'status',
  is: 'status',
  agent: 'agent',
  type: 'task_type',
  task_type: 'task_type',
  priority: 'priority',
  operation: 'operation',
  op: 'operation',
  error: 'error_code',
  error_code: 'error_code',
  parent: 'parent_id',
  parent_id: 'parent_id',
  by: 'submitted_by',
  submitted_by: 'submitted_by',
  label: 'label',
  after: 'created_after',
  created_after: 'created_after',
  before: 'created_before',
  created_before: 'created_before',
};

const chipNames: Readonly<Record<Name, string>> = {
  q: 'text',
  status: 'status',
  agent: 'agent',
  task_type: 'type',
  priority: 'priority',
  operation: 'operation',
  error_code: 'error',
  parent_id: 'parent',
  submitted_by: 'by',
  label: 'label',
  created_after: 'after',
  created_before: 'before',
};

const names = Object.keys(chipNames) as Name[];

const encodeLabel = (label: string): string => label.replaceAll('%', '%25').replaceAll(',', '%2C');
const decodeLabel = (label: string): string => label.replaceAll('%2C', ',').replaceAll('%25', '%');

/** The filters of a URL; what is none is left out. */
export const searchOf = (search: Readonly<Record<string, unknown>>): TaskSearch => {
  const status = someOf(search['status'], statuses);
  const label = listOf(search['label']);
  const found: TaskSearch = {
    q: textOf(search['q'], 200),
    status: status.length === 0 ? undefined : status,
    agent: textOf(search['agent'], 64),
    task_type: textOf(search['task_type'], 64),
    priority: oneOf(search['priority'], priorities),
    operation: textOf(search['operation'], 200),
    error_code: textOf(search['error_code'], 64),
    parent_id: textOf(search['parent_id'], 36),
    submitted_by: textOf(search['submitted_by'], 255),
    label: label.length === 0 ? undefined : label,
    created_after: textOf(search['created_after'], 40),
    created_before: textOf(search['created_before'], 40),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

/** The filters as the API takes them. */
export const queryOf = ({ label, ...search }: TaskSearch): Query => ({
  ...search,
  ...(label !== undefined && { label: { each: label.map(decodeLabel) } }),
});

// A word may be quoted, so that its value may hold spaces: label:"customer:Acme Inc".
const token = /(?:([a-z_]+):)?(?:"([^"]*)"|(\S+))/g;

/** What was typed, beside the filters that there are: the text replaces the text, a list of filters grows, others change. */
export const searchWith = (before: TaskSearch, typed: string): TaskSearch => {
  const next: Record<string, unknown> = { ...before };
  const texts: string[] = [];
  for (const [whole, word = '', quoted, plain = ''] of typed.matchAll(token)) {
    const name = words[word];
    const value = quoted ?? plain;
    if (name === undefined || value === '') texts.push(whole.replaceAll('"', ''));
    else if (name === 'status')
      next['status'] = [...(before.status ?? []), ...listOf(next['status']), ...value.split(',')];
    else if (name === 'label') next['label'] = [...listOf(next['label']), encodeLabel(value)];
    else next[name] = value;
  }
  if (texts.length > 0) next['q'] = texts.join(' ');
  return searchOf(next);
};

const isList = (name: Name): name is 'status' | 'label' => name === 'status' || name === 'label';

/** The filters as chips, one for every value. */
export const chipsOf = (search: TaskSearch): Chip[] =>
  names.flatMap((name) => {
    const value = search[name];
    if (value === undefined) return [];
    const values = typeof value === 'string' ? [value] : value;
    return values.map((one) => ({
      id: `${name} ${one}`,
      name: chipNames[name],
      value: name === 'label' ? decodeLabel(one) : one,
    }));
  });

/** The filters without that of a chip. */
export const searchWithout = (search: TaskSearch, { id }: Pick<Chip, 'id'>): TaskSearch => {
  const [name = '', ...rest] = id.split(' ');
  const known = name as Name;
  if (!isList(known)) return searchOf({ ...search, [known]: undefined });
  return searchOf({ ...search, [known]: search[known]?.filter((value) => value !== rest.join(' ')) });
};

/** Whether a task may be in the list: decided by what an event says of it, which is not all that can be filtered by. */
export const mayMatch = (
  { status, agent, task_type, operation, priority }: TaskSearch,
  task: {
    readonly status: TaskStatus;
    readonly agent: string;
    readonly task_type: string;
    readonly operation?: string | undefined;
    readonly priority?: string | undefined;
  },
): boolean =>
  (status === undefined || status.includes(task.status)) &&
  (agent === undefined || agent === task.agent) &&
  (task_type === undefined || task_type === task.task_type) &&
  (operation === undefined || task.operation === undefined || operation === task.operation) &&
  (priority === undefined || task.priority === undefined || priority === task.priority);
