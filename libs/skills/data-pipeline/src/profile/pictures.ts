// Pictures of columns: how values spread, which are most frequent, which are missing.
import { Chart, pictureOf, sharedPainter, type Json } from '@pulser/charts';
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { bins } from './column-sql.policy.js';
import type { ColumnProfile } from './profile-contract.js';

const paint = async (
  name: string,
  title: string,
  labels: readonly [x: string, y: string],
  rows: readonly (readonly [string, number])[],
  context: TaskContext,
): Promise<string> => {
  const [x_label, y_label] = labels;
  const chart = Chart.parse({
    kind: 'bar',
    x: 'x',
    y: 'y',
    title: title.slice(0, 300),
    x_label: x_label.slice(0, 100),
    y_label,
  });
  const columns = [
    { name: 'x', type: 'VARCHAR' },
    { name: 'y', type: 'DOUBLE' },
  ];
  const { svg, png } = await sharedPainter.paint(pictureOf(chart, { columns, rows }), context.signal);
  await context.artifact(`${name}.svg`, 'image/svg+xml', svg);
  await context.artifact(`${name}.png`, 'image/png', png);
  return `${name}.svg`;
};

// Names of columns are no names of files.
const fileName = (index: number): string => `column-${index + 1}`;

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** How many rows fall into each of equal ranges. */
export const drawHistogram = (
  index: number,
  { name, min, max }: ColumnProfile,
  found: readonly (readonly Json[])[],
  context: TaskContext,
): Promise<string> => {
  const [low, high] = [Number(min), Number(max)];
  const counts = new Map(found.map(([bin, rows]) => [Number(bin ?? 0), Number(rows)]));
  const rows = Array.from({ length: low === high ? 1 : bins }, (_, bin): [string, number] => {
    const from = low + ((high - low) / bins) * bin;
    return [`from ${digits(from)}`, counts.get(bin) ?? 0];
  });
  return paint(fileName(index), `${name}: how values spread`, [name, 'Rows'], rows, context);
};

const labelOf = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The values of most rows. */
export const drawTop = (index: number, { name, top }: ColumnProfile, context: TaskContext): Promise<string> =>
  paint(
    fileName(index),
    `${name}: most frequent values`,
    [name, 'Rows'],
    top.map(({ value, rows }) => [labelOf(value), rows]),
    context,
  );

const maxShown = 30;

/** The columns with most NULLs; undefined when there is none. */
export const drawNulls = async (
  columns: readonly ColumnProfile[],
  rows: number,
  context: TaskContext,
): Promise<string | undefined> => {
  const gaps = columns.filter(({ nulls }) => nulls > 0).sort((one, other) => other.nulls - one.nulls);
  if (gaps.length === 0) return undefined;
  const shares = gaps.slice(0, maxShown).map(({ name, nulls }): [string, number] => [name, (nulls / rows) * 100]);
  return paint('missing-values', 'Rows without a value, in per cent', ['Column', '%'], shares, context);
};
