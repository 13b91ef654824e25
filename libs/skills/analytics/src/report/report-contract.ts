// Input, example and result of the operation `report`.
import { Chart } from '@pulser/charts';
import { z } from 'zod';

import { dataInput, readingResult } from '../series/series-input.js';

/** Rows that a table of a report has at most. */
export const maxTableRows = 1_000;
export const maxSections = 20;
/** Columns that fit beside each other on a page. */
export const maxTableColumns = 12;

const Section = z
  .strictObject({
    heading: z.string().trim().min(1).max(200),
    text: z.string().max(20_000).optional().meta({
      description: 'Plain text: a blank line ends a paragraph, lines that begin with "- " are a list',
    }),
    sql: z
      .string()
      .trim()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'One statement in the SQL dialect of DuckDB, whose rows are drawn or shown as a table' }),
    chart: Chart.optional().meta({ description: 'Draws the rows, as with the operation query' }),
    table: z.boolean().optional().meta({ description: 'Shows the rows as a table. Default: when there is no chart' }),
    max_rows: z
      .int()
      .min(1)
      .max(maxTableRows)
      .default(100)
      .meta({ description: 'Rows that the table shows; all tables together have room for about 20,000 lines' }),
  })
  .refine(({ sql, chart, table }) => sql !== undefined || (chart === undefined && table !== true), {
    message: 'A chart or a table needs sql',
    path: ['sql'],
  })
  .refine(({ sql, text }) => sql !== undefined || text !== undefined, {
    message: 'A section has text, sql or both',
    path: ['text'],
  });
export type Section = z.infer<typeof Section>;

export const ReportInput = z.strictObject({
  operation: z.literal('report'),
  title: z.string().trim().min(1).max(200),
  subtitle: z.string().max(300).optional(),
  author: z.string().max(200).optional(),
  ...dataInput,
  sections: z.array(Section).min(1).max(maxSections),
  page: z.enum(['A4', 'Letter']).default('A4'),
});
export type ReportInput = z.infer<typeof ReportInput>;

const orders = [
  'day,region,amount',
  '2026-01-12,North,1200',
  '2026-01-20,South,860',
  '2026-02-03,North,990',
  '2026-02-17,South,1430',
  '2026-03-05,North,1680',
  '2026-03-21,South,1510',
].join('\n');

export const example: z.input<typeof ReportInput> = {
  operation: 'report',
  title: 'First quarter',
  subtitle: 'Revenue by region',
  author: 'Sales',
  sources: [{ name: 'orders', format: 'csv', content: orders }],
  sections: [
    {
      heading: 'Summary',
      text: 'March was the best month in both regions.\n\n- North grew after a weak February.\n- South grew each month.',
    },
    {
      heading: 'Revenue by month',
      sql: "SELECT date_trunc('month', day)::DATE AS month, region, sum(amount) AS revenue FROM orders GROUP BY ALL ORDER BY ALL",
      chart: { kind: 'bar', x: 'month', y: 'revenue', series: 'region' },
      table: true,
    },
  ],
};

/** The result of `report`; the report itself is in the artifacts report.pdf and report.html. */
export const ReportResult = z.strictObject({
  pages: z.int().meta({ description: 'Of report.pdf' }),
  bytes: z.strictObject({ pdf: z.int(), html: z.int() }),
  sections: z.array(
    z.strictObject({
      heading: z.string(),
      page: z.int().meta({ description: 'On which it begins' }),
      rows: z
        .int()
        .nullable()
        .meta({ description: 'That its statement returned; null without one, or when counting took too long' }),
      rows_shown: z.int().meta({ description: 'In its table' }),
      notes: z.array(z.string()).meta({ description: 'What a reader must know; stands in the report, too' }),
    }),
  ),
  notes: z.array(z.string()).meta({ description: 'What a reader must know of the whole' }),
  ...readingResult,
});
export type ReportResult = z.infer<typeof ReportResult>;
