// How datasets and columns are named in payloads.
import type { DatasetFacts } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

import { pipelineErrors } from '../pipeline-errors.js';

export const DatasetName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,99}$/,
    'Small letters, digits, _, - and ., from 1 to 100, the first a letter or a digit',
  )
  .meta({ description: 'The name of a dataset; what is kept is its next version' });

export const ColumnName = z.string().min(1).max(1_000);

/** A column as a dataset has it. */
export type DatasetColumn = DatasetFacts['columns'][number];

/** The columns that are named; as in SQL, case counts only when it must. @throws TaskError `column_unknown` */
export const columnsNamed = (
  columns: readonly DatasetColumn[],
  names: readonly string[],
  dataset: string,
): readonly DatasetColumn[] =>
  names.map((name) => {
    const found =
      columns.find((column) => column.name === name) ??
      columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    const there = columns.slice(0, 100).map((column) => column.name);
    throw pipelineErrors.error('column_unknown', `${dataset} has no column ${name}: it has ${there.join(', ')}`, {
      details: { column: name, columns: there },
    });
  });

const numeric = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const temporal = /^(?:DATE|TIMESTAMP.*)$/;

export const isNumeric = ({ type }: DatasetColumn): boolean => numeric.test(type);
export const isTemporal = ({ type }: DatasetColumn): boolean => temporal.test(type);
export const isText = ({ type }: DatasetColumn): boolean => type === 'VARCHAR';
/** Lists, structs, maps, JSON, bytes. */
export const isNested = ({ type }: DatasetColumn): boolean =>
  /[[(]|^(?:JSON|BLOB)$/.test(type.replace(/^DECIMAL\(.*\)$/, ''));
