// The chart of a task: its Zod schema.
import { z } from 'zod';

const ColumnName = z.string().min(1).max(200);

const frame = {
  title: z.string().max(300).optional(),
  x_label: z.string().max(100).optional().meta({ description: "Default: the column's name; '' for none" }),
  y_label: z.string().max(100).optional().meta({ description: "Default: the column's name; '' for none" }),
  width: z.int().min(320).max(1_920).default(800).meta({ description: 'In pixels; the PNG has twice as many' }),
  height: z
    .int()
    .min(240)
    .max(1_920)
    .optional()
    .meta({ description: 'In pixels. Default: 450, or what a list of horizontal bars needs' }),
  theme: z.enum(['light', 'dark']).default('light'),
};

const XYChart = z
  .strictObject({
    kind: z.enum(['bar', 'line', 'area', 'scatter']).meta({
      description:
        'bar: horizontal when its labels do not fit side by side; area: stacked when no value is negative or missing',
    }),
    x: ColumnName.meta({
      description: 'A date, a timestamp or a column called year makes a time axis, except for bars',
    }),
    y: z.union([ColumnName, z.array(ColumnName).min(1).max(8)]).meta({ description: 'Numeric columns, each a series' }),
    series: ColumnName.optional().meta({ description: 'Splits the rows of one y column into series by this column' }),
    ...frame,
  })
  .refine(({ y, series }) => series === undefined || typeof y === 'string' || y.length === 1, {
    message: 'series goes with a single y column',
    path: ['series'],
  });

const PieChart = z.strictObject({
  kind: z.literal('pie'),
  x: ColumnName.meta({ description: 'Names the slices; the smallest beyond the seventh are drawn as one' }),
  y: ColumnName,
  ...frame,
});

const Histogram = z.strictObject({
  kind: z.literal('histogram'),
  x: ColumnName.meta({ description: 'A numeric column: how many rows fall into each of its ranges' }),
  ...frame,
});

const HeatMap = z
  .strictObject({
    kind: z.literal('heatmap'),
    x: ColumnName.meta({ description: 'Names the columns of the map; times and numbers stand in their order' }),
    y: ColumnName.meta({ description: 'Names its rows, in the order of the result' }),
    value: ColumnName.meta({ description: 'A numeric column: the darker, the more. A cell without a value is blank' }),
    min: z.number().optional().meta({ description: 'The colours begin here, or at a smaller value' }),
    max: z.number().optional().meta({ description: 'The colours end here, or at a larger value' }),
    value_label: z.string().max(100).optional().meta({ description: "Default: the column's name; '' for none" }),
    ...frame,
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, {
    message: 'Must be less than max',
    path: ['min'],
  });

/** How to draw the rows of a result. Except for scatter and histogram, a row per place (x and series, or x and y). */
export const Chart = z.discriminatedUnion('kind', [XYChart, PieChart, Histogram, HeatMap]);
export type Chart = z.infer<typeof Chart>;
export type XYChart = z.infer<typeof XYChart>;
export type PieChart = z.infer<typeof PieChart>;
export type Histogram = z.infer<typeof Histogram>;
export type HeatMap = z.infer<typeof HeatMap>;
