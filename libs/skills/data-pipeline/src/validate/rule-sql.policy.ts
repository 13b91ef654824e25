// Rules as SQL over the rows of a dataset, which come numbered from `row_source`.
import { quotedName, quotedText } from '@pulser/data-sandbox';

import { type DatasetColumn, isNumeric, isTemporal, isText } from '../datasets/dataset-name.js';
import { pipelineErrors } from '../pipeline-errors.js';
import type { Rule } from './validate-contract.js';

/** A rule about each row by itself. */
export type RowRule = Extract<Rule, { rule: 'not_null' | 'range' | 'pattern' | 'set' }>;

export const isRowRule = (rule: Rule): rule is RowRule =>
  rule.rule === 'not_null' || rule.rule === 'range' || rule.rule === 'pattern' || rule.rule === 'set';

const unfit = (message: string, column: DatasetColumn): Error =>
  pipelineErrors.error('rule_unfit', message, { details: { column: column.name, type: column.type } });

const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** A bound as a literal of the column's type, so that DuckDB compares like with like. */
const boundFor = (column: DatasetColumn, bound: number | string): string => {
  if (typeof bound === 'number') {
    if (isNumeric(column)) return numberLiteral(bound);
    throw unfit(`A range of numbers needs a numeric column: ${column.name} is ${column.type}`, column);
  }
  if (isTemporal(column)) {
    if (isoTime.test(bound)) return `${quotedText(bound)}::${column.type}`;
    throw unfit(`'${bound.slice(0, 40)}' is no date or time as ISO 8601 has it`, column);
  }
  throw unfit(`A range of dates needs a column of dates or times: ${column.name} is ${column.type}`, column);
};

const numberLiteral = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? String(value) : `${quotedText(String(value))}::DOUBLE`;

const memberFor = (column: DatasetColumn, value: string | number | boolean): string => {
  if (typeof value === 'number' && isNumeric(column)) return numberLiteral(value);
  if (typeof value === 'boolean' && column.type === 'BOOLEAN') return String(value);
  if (typeof value === 'string' && isText(column)) return quotedText(value);
  if (typeof value === 'string' && isTemporal(column) && isoTime.test(value))
    return `${quotedText(value)}::${column.type}`;
  throw unfit(
    `${JSON.stringify(value).slice(0, 60)} cannot be in the column ${column.name} of type ${column.type}`,
    column,
  );
};

const isNaNable = ({ type }: DatasetColumn): boolean => type === 'FLOAT' || type === 'DOUBLE';

/**
 * A condition that is true for the rows that break the rule. NULLs break `not_null` alone. A NaN is outside of every range.
 *
 * @throws TaskError `rule_unfit` when the rule does not fit the type of its column
 */
export const brokenBy = (rule: RowRule, column: DatasetColumn): string => {
  const name = quotedName(column.name);
  switch (rule.rule) {
    case 'not_null':
      return `${name} IS NULL`;
    case 'range': {
      const below = rule.min === undefined ? [] : [`${name} < ${boundFor(column, rule.min)}`];
      const above = rule.max === undefined ? [] : [`${name} > ${boundFor(column, rule.max)}`];
      const unreal = isNaNable(column) ? [`isnan(${name})`] : [];
      return `coalesce(${[...below, ...above, ...unreal].join(' OR ')}, false)`;
    }
    case 'pattern':
      if (!isText(column)) throw unfit(`A pattern needs a column of text: ${column.name} is ${column.type}`, column);
      return `NOT coalesce(regexp_full_match(${name}, ${quotedText(rule.pattern)}), true)`;
    case 'set':
      return `NOT coalesce(${name} IN (${rule.values.map((value) => memberFor(column, value)).join(', ')}), true)`;
  }
};
