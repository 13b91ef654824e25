import { matchingOperations } from './operation-search.policy.js';
import type { TaskTypeView } from './task-type-queries.js';

const operation = (name: string, summary: string) => ({
  task_type: 'analytics',
  operation: name,
  summary,
  input_schema: {},
  example: {},
});

const types: readonly TaskTypeView[] = [
  {
    task_type: 'analytics',
    agent: 'dash',
    backups: [],
    max_attempts: 3,
    time_limit_ms: 1_000,
    operations: [operation('query', 'Runs SQL'), operation('report', 'Writes a report')],
  },
  { task_type: 'free', agent: 'maya', backups: [], max_attempts: 1, time_limit_ms: 1_000, operations: [] },
];

const namesFor = (typed: string): string[] =>
  matchingOperations(types, typed).flatMap(({ task_type, operations }) =>
    operations.length === 0 ? [task_type] : operations.map(({ operation: name }) => name),
  );

describe('the search of operations', () => {
  it.each([
    ['', ['query', 'report', 'free']],
    ['SQL', ['query']],
    ['dash report', ['report']],
    ['maya', ['free']],
    ['analytics', ['query', 'report']],
    ['nothing', []],
  ])('finds those in which every word occurs: %s', (typed, names) => {
    expect(namesFor(typed)).toEqual(names);
  });
});
