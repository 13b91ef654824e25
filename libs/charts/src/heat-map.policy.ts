// Heat maps: a value for each place of a grid, by the darkness of its cell.
import { categoryAxis, fitSideBySide, gridUnder, labelSize, roomForLabels, scaleOf, upright } from './axes.policy.js';
import type { HeatMap } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { niceStep } from './histogram.policy.js';
import { keyOf, labelsByKey, shortenAll, tellApart } from './labels.policy.js';
import { spanOf } from './origin.policy.js';
import { rampColour, themes } from './palette.js';
import { axisKind, cellsOf, invalidChart, placesOf, timeLabels, undrawn, unreal } from './series.policy.js';
import { indexOf, isUnreal, type Json, numberOf, type Table, textOf } from './table.policy.js';

/** More columns are no wider than a line, and more rows make a picture too long. */
const maxColumns = 300;
const maxRows = 60;

/** Pixels. */
const rowHeight = 26;
const leastHeight = 240;
const mostHeight = 1_920;
const keyHeight = 28;

/** The distinct cells along an axis, in their order, with labels that tell them apart. */
interface Side {
  readonly labels: readonly string[];
  readonly isTime: boolean;
  /** By the key of a cell. */
  readonly at: ReadonlyMap<string, number>;
}

const sideOf = (keys: readonly string[], labels: readonly string[], isTime = false): Side => ({
  labels,
  isTime,
  at: new Map(keys.map((key, at) => [key, at])),
});

const inOrderOfRows = (cells: readonly Json[]): Side => {
  const labels = labelsByKey(cells);
  return sideOf([...labels.keys()], [...labels.values()]);
};

/** Times and numbers in their order; those without a place are left out. */
const columnsOf = (chart: HeatMap, { columns }: Table, cells: readonly Json[]): Side => {
  const kind = axisKind(columns[indexOf(columns, chart.x)] ?? { name: chart.x, type: 'VARCHAR' }, cells);
  if (kind === 'category') return inOrderOfRows(cells);
  const { places, kind: drawnAs } = placesOf(cells, kind);
  const found = new Map(
    places.flatMap((place, row) => (place === null ? [] : [[keyOf(cells[row]), { place, row }] as const])),
  );
  const sorted = [...found].sort(([, one], [, other]) => Number(one.place) - Number(other.place));
  const texts = sorted.map(([, { row }]) => textOf(cells[row] ?? null));
  const isTime = drawnAs === 'time' || drawnAs === 'year';
  const labels = isTime
    ? tellApart(timeLabels(sorted.map(([, { place }]) => Number(place))), (at) => texts[at] ?? '')
    : texts;
  return sideOf(
    sorted.map(([key]) => key),
    labels,
    isTime,
  );
};

interface Cell {
  readonly column: number;
  readonly row: number;
  readonly value: number | null;
}

/** @throws TaskError `invalid_payload` when two rows have one place */
const cellsAt = (
  chart: HeatMap,
  table: Table,
  xs: readonly Json[],
  ys: readonly Json[],
  sides: [Side, Side],
): Cell[] => {
  const taken = new Set<string>();
  return cellsOf(table, chart.value).flatMap((cell, at) => {
    const column = sides[0].at.get(keyOf(xs[at]));
    const row = sides[1].at.get(keyOf(ys[at]));
    if (column === undefined || row === undefined) return [];
    if (taken.has(`${column} ${row}`)) {
      throw invalidChart(
        `Several rows have the x value ${textOf(xs[at] ?? null)} and the y value ${textOf(ys[at] ?? null)}: aggregate them in the SQL (GROUP BY)`,
      );
    }
    taken.add(`${column} ${row}`);
    return [{ column, row, value: numberOf(cell) }];
  });
};

/** A range of values that has one colour. */
interface Shade {
  readonly label: string;
  /** As echarts has them: `value`, or one of `gt` and `gte` with one of `lt` and `lte`. */
  readonly bounds: Readonly<Record<string, number>>;
}

const usualShades = 5;

// Division leaves 0.3 / 0.1 a little short of 3.
const clean = (value: number): number => Number(value.toPrecision(12));

const inWords = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 12 });

/** About five ranges with round limits that hold every number of the span. */
const evenShades = (min: number, max: number): Shade[] => {
  const width = niceStep((max - min) / usualShades, undefined);
  const first = Math.floor(clean(min / width));
  const count = Math.max(1, Math.ceil(clean(max / width)) - first);
  return Array.from({ length: count }, (_, at) => {
    const [from, to] = [clean((first + at) * width), clean((first + at + 1) * width)];
    const label = `${inWords(from)} to ${inWords(to)}`;
    return { label, bounds: { gte: from, [at === count - 1 ? 'lte' : 'lt']: to } };
  });
};

/** Zero has a shade of its own where it is the least: none and few are not the same. */
export const shadesOf = (values: readonly number[]): Shade[] => {
  const { min, max } = spanOf(values);
  if (values.length === 0) return [];
  if (min === max) return [{ label: inWords(min), bounds: { value: min } }];
  const [lowest, ...others] = evenShades(min, max);
  if (min !== 0 || lowest === undefined) return lowest === undefined ? [] : [lowest, ...others];
  const { gte, ...upper } = lowest.bounds;
  const aboveZero = { label: `above ${lowest.label}`, bounds: { gt: gte ?? 0, ...upper } };
  return [{ label: '0', bounds: { value: 0 } }, aboveZero, ...others];
};

/** What the shades mean, under the title. */
const keyOption = ({ theme }: HeatMap, shades: readonly Shade[], top: number): Record<string, unknown> => ({
  type: 'piecewise',
  dimension: 2,
  orient: 'horizontal',
  left: 16,
  top,
  padding: 0,
  itemWidth: 14,
  itemHeight: 12,
  itemGap: 14,
  itemSymbol: 'rect',
  pieces: shades.map(({ label, bounds }, at) => ({
    ...bounds,
    label,
    color: rampColour(theme, shades.length === 1 ? 0.5 : at / (shades.length - 1)),
  })),
  textStyle: { color: themes[theme].text, fontSize: labelSize },
});

const checkSize = (chart: HeatMap, columns: Side, rows: Side): void => {
  for (const [field, name, { labels }, most] of [
    ['x', chart.x, columns, maxColumns],
    ['y', chart.y, rows, maxRows],
  ] as const) {
    if (labels.length > most)
      throw invalidChart(
        `chart.${field} names ${name}, which has ${labels.length} values: at most ${most} can be drawn`,
      );
  }
};

/** What a reader must know about the rows. */
const notesOn = (chart: HeatMap, table: Table, columns: Side, cells: readonly Cell[]): string[] => {
  const [xs, values] = [cellsOf(table, chart.x), cellsOf(table, chart.value)];
  const lost = xs.filter((cell) => !columns.at.has(keyOf(cell))).length;
  const strange = values.filter(isUnreal).length;
  const empty = cells.length > 0 && strange === 0 && cells.every(({ value }) => value === null);
  return [
    ...undrawn(lost, chart.x),
    ...unreal(strange, chart.value),
    ...(empty ? [`No values: ${chart.value} is NULL in every row`] : []),
  ];
};

const heightFor = (rows: number, top: number): number =>
  Math.min(mostHeight, Math.max(leastHeight, top + 64 + rows * rowHeight));

const horizontalOf = (chart: HeatMap, { labels, isTime }: Side, height: number): Record<string, unknown> => {
  // Of times as many are written as there is room for; other labels are shortened first.
  const fitted = isTime ? labels : shortenAll(labels, labelSize, roomForLabels(chart, height));
  const all = fitSideBySide(fitted, chart.width) ? { interval: 0, hideOverlap: false } : { alignMaxLabel: 'right' };
  return { ...categoryAxis(chart, chart.x_label ?? chart.x, fitted, all), axisLine: { show: false } };
};

const verticalOf = (chart: HeatMap, { labels }: Side, height: number): Record<string, unknown> => {
  const fitted = shortenAll(labels, labelSize, chart.width * 0.25);
  const axis = categoryAxis(chart, chart.y_label ?? chart.y, fitted, { interval: 0, hideOverlap: false });
  return upright({ ...axis, inverse: true, axisLine: { show: false } }, height);
};

/**
 * A grid of cells, the darker the more; a place without a value stays blank.
 *
 * @throws TaskError `invalid_payload` when two rows have one place, or there are too many places
 */
export const heatMapPicture = (chart: HeatMap, table: Table, said: readonly string[]): Picture => {
  const [xs, ys] = [cellsOf(table, chart.x), cellsOf(table, chart.y)];
  const [columns, rows] = [columnsOf(chart, table, xs), inOrderOfRows(ys)];
  checkSize(chart, columns, rows);
  const cells = cellsAt(chart, table, xs, ys, [columns, rows]);
  const bounds = [chart.min ?? null, chart.max ?? null];
  const values = cells.map(({ value }) => value);
  const scale = scaleOf(chart.value_label ?? chart.value, [...values, ...bounds], false);
  const points = cells.map(({ column, row, value }) => [column, row, scale.at(value)] as const);
  const known = points.filter(([, , value]) => value !== null);
  const shades = shadesOf(known.length === 0 ? [] : [...values, ...bounds].flatMap((value) => scale.at(value) ?? []));
  const notes = [...said, ...notesOn(chart, table, columns, cells)];
  const { option, top } = frame(chart, [], [...(scale.name === '' ? [] : [`Shades: ${scale.name}`]), ...notes]);
  const gridTop = top + (shades.length === 0 ? 0 : keyHeight);
  const height = chart.height ?? heightFor(rows.labels.length, gridTop);
  const { ground } = themes[chart.theme];
  return {
    notes,
    width: chart.width,
    height,
    option: {
      ...option,
      grid: gridUnder(gridTop),
      xAxis: horizontalOf(chart, columns, height),
      yAxis: verticalOf(chart, rows, height - gridTop),
      ...(shades.length === 0 ? {} : { visualMap: keyOption(chart, shades, top) }),
      series: [
        {
          type: 'heatmap',
          data: known.map((point) => [...point]),
          itemStyle: { borderColor: ground, borderWidth: columns.labels.length > 100 ? 0 : 1 },
        },
      ],
    },
  };
};
