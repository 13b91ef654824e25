import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { quotedName, type StatementRows } from '@pulser/data-sandbox';

import { columnsNamed, type DatasetColumn, isNested, isTemporal } from '../datasets/dataset-name.js';
import { type OpenedDataset, openDataset, queryDatasets } from '../datasets/open-dataset.js';
import { pipelineErrors } from '../pipeline-errors.js';
import { type Check, numberedRows, referenceCheck, rowCheck, type Scene, uniqueCheck } from './checks.js';
import { junitOf } from './junit.js';
import { brokenBy, isRowRule } from './rule-sql.policy.js';
import { example, type Rule, type RuleOutcome, ValidateInput, type ValidateResult } from './validate-contract.js';
import { freshnessOf, rowCountOf, type Verdict } from './whole-rules.policy.js';

/** Beside those of a rule, so many columns are shown of a row. */
const moreShown = 10;

const shownOf =
  (all: readonly DatasetColumn[]) =>
  (columns: readonly DatasetColumn[]): readonly DatasetColumn[] => [
    ...columns,
    ...all.filter((column) => !columns.includes(column) && !isNested(column)).slice(0, moreShown),
  ];

const columnIn = (opened: OpenedDataset, name: string): DatasetColumn => columnsIn(opened, [name])[0] as DatasetColumn;
const columnsIn = ({ dataset, reference }: OpenedDataset, names: readonly string[]): readonly DatasetColumn[] =>
  columnsNamed(dataset.columns, names, reference);

/** A rule, what checks it, and the file that it looks into beside the dataset. */
interface Planned {
  readonly rule: Rule;
  readonly check?: Check;
  readonly target?: OpenedDataset;
}

const newestOf = (scene: Scene, column: DatasetColumn): Check => {
  const name = quotedName(column.name);
  // As an instant; a time without zone is taken as UTC, because the session's zone is.
  return { counts: `SELECT count(${name}), epoch_ms(max(${name})::TIMESTAMP WITH TIME ZONE) FROM ${scene.rows}` };
};

const plan = async (rule: Rule, opened: OpenedDataset, scene: Scene, context: TaskContext): Promise<Planned> => {
  if (isRowRule(rule)) {
    const column = columnIn(opened, rule.column);
    return { rule, check: rowCheck(scene, column, brokenBy(rule, column), rule.rule === 'not_null') };
  }
  switch (rule.rule) {
    case 'unique':
      return { rule, check: uniqueCheck(scene, columnsIn(opened, rule.columns)) };
    case 'references': {
      const target = await openDataset(rule.to.dataset, context);
      return { rule, target, check: referenceCheck(scene, columnsIn(opened, rule.columns), pairOf(rule, target)) };
    }
    case 'freshness': {
      const column = columnIn(opened, rule.column);
      if (isTemporal(column)) return { rule, check: newestOf(scene, column) };
      const message = `freshness needs a column of dates or times: ${column.name} is ${column.type}`;
      throw pipelineErrors.error('rule_unfit', message, { details: { column: column.name, type: column.type } });
    }
    case 'row_count':
      return { rule };
  }
};

const pairOf = (
  rule: Extract<Rule, { rule: 'references' }>,
  target: OpenedDataset,
): { path: string; columns: readonly DatasetColumn[] } => {
  if (rule.to.columns.length !== rule.columns.length) {
    throw pipelineErrors.error('rule_unfit', 'references needs as many columns there as here', { details: {} });
  }
  return { path: target.path, columns: columnsIn(target, rule.to.columns) };
};

const run = (
  opened: OpenedDataset,
  planned: readonly Planned[],
  statements: readonly string[],
  context: TaskContext,
): Promise<readonly StatementRows[]> =>
  queryDatasets([opened, ...planned.flatMap(({ target }) => target ?? [])], statements, context);

const describe = (rule: Rule): string => {
  const { rule: kind } = rule;
  if ('columns' in rule) return `${kind}: ${rule.columns.join(', ')}`;
  return 'column' in rule ? `${kind}: ${rule.column}` : kind;
};

const rowsBefore = async (
  { dataset }: OpenedDataset,
  { describeDataset }: TaskContext,
): Promise<number | undefined> => {
  for (let version = dataset.version - 1; version > 0 && version > dataset.version - 20; version -= 1) {
    const facts = await describeDataset(`dataset:${dataset.name}@${version}`).catch((error: unknown) => {
      // A version that was deleted; the one before it may be there.
      if (Reflect.get(Object(error) as object, 'code') === 'data_not_found') return undefined;
      throw error;
    });
    if (facts !== undefined) return facts.rows;
  }
  return undefined;
};

interface Counted {
  readonly planned: Planned;
  readonly checked: number | null;
  /** Rows that break it; of `freshness` when the newest value was, in milliseconds. */
  readonly count: number | undefined;
}

const verdictOf = async (
  { planned: { rule }, count, checked }: Counted,
  opened: OpenedDataset,
  context: TaskContext,
): Promise<Verdict> => {
  if (rule.rule === 'freshness') return freshnessOf(rule, count, Date.now());
  if (rule.rule === 'row_count') return rowCountOf(rule, opened.dataset.rows, await rowsBefore(opened, context));
  const failures = count ?? 0;
  const of = `${failures.toLocaleString('en')} of ${(checked ?? 0).toLocaleString('en')} rows`;
  return failures === 0
    ? { status: 'passed', message: `All of ${(checked ?? 0).toLocaleString('en')} rows` }
    : { status: 'failed', message: `${of} break it` };
};

const isAboutRows = ({ rule }: Rule): boolean => rule !== 'freshness' && rule !== 'row_count';

const samplesOf = (found: StatementRows | undefined): RuleOutcome['samples'] =>
  (found?.rows ?? []).map(([row, ...cells]) => ({
    row: Number(row),
    values: Object.fromEntries(cells.map((cell, index) => [found?.columns[index + 1]?.name ?? '', cell])),
  }));

/** Runs all checks over a dataset. */
const outcomesOf = async (
  input: ValidateInput,
  opened: OpenedDataset,
  context: TaskContext,
): Promise<RuleOutcome[]> => {
  const scene = { rows: numberedRows(opened.path), shown: shownOf(opened.dataset.columns), limit: input.samples };
  const planned: Planned[] = [];
  for (const rule of input.rules) planned.push(await plan(rule, opened, scene, context));
  const counts = await run(
    opened,
    planned,
    planned.flatMap(({ check }) => check?.counts ?? []),
    context,
  );
  context.progress(60, 'The rules are counted');
  const left = [...counts];
  const counted = planned.map((one): Counted => {
    const [checked, count] = one.check === undefined ? [] : (left.shift()?.rows[0] ?? []);
    const known = count === null || count === undefined ? undefined : Number(count);
    return { planned: one, checked: checked === undefined ? null : Number(checked), count: known };
  });
  const verdicts = await Promise.all(counted.map((one) => verdictOf(one, opened, context)));
  const wanted = counted.filter((_, index) => verdicts[index]?.status === 'failed' && input.samples > 0);
  const sampled = wanted.filter(({ planned: { check } }) => check?.samples !== undefined);
  const found = await run(
    opened,
    planned,
    sampled.flatMap(({ planned: { check } }) => check?.samples ?? []),
    context,
  );
  return counted.map((one, index): RuleOutcome => {
    const { rule } = one.planned;
    const verdict = verdicts[index] ?? { status: 'skipped', message: '' };
    return {
      id: rule.id ?? `${index + 1}. ${describe(rule)}`,
      rule: rule.rule,
      severity: rule.severity,
      ...verdict,
      checked: isAboutRows(rule) ? one.checked : null,
      failures: isAboutRows(rule) ? (one.count ?? 0) : verdict.status === 'failed' ? 1 : 0,
      samples: samplesOf(found[sampled.indexOf(one)]),
    };
  });
};

const junitName = 'validation.xml';

/** Checks the rows of a dataset by rules. */
export const validate = operation({
  name: 'validate',
  summary: 'Checks a dataset by rules: what is broken, how often, with samples, and as JUnit XML',
  input: ValidateInput,
  example,
  errors: pipelineErrors,
  // The work is done by a process of its own: here it is only waited for.
  inline: true,
  handle: async (input, context): Promise<ValidateResult> => {
    const opened = await openDataset(input.dataset, context);
    const rules = await outcomesOf(input, opened, context);
    await context.artifact(junitName, 'application/xml', Buffer.from(junitOf(opened.reference, rules)));
    const count = (status: RuleOutcome['status']): number => rules.filter((rule) => rule.status === status).length;
    return {
      dataset: opened.reference,
      rows: opened.dataset.rows,
      valid: !rules.some(({ status, severity }) => status === 'failed' && severity === 'error'),
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      rules,
      junit: junitName,
    };
  },
});
