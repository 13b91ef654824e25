// Pie charts.
import type { EChartsOption } from 'echarts';

import type { PieChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { keyOf, labelsByKey, shortenAll, tellApart } from './labels.policy.js';
import { themes } from './palette.js';
import { invalidChart, undrawn, unreal } from './series.policy.js';
import { indexOf, isUnreal, numberOf, type Table } from './table.policy.js';
import { textWidth } from './text-width.policy.js';

interface Slice {
  readonly name: string;
  readonly value: number;
}

/** Including the rest, as many as there are colours. */
const maxSlices = 7;

/** One for each row. */
const namedRows = (chart: PieChart, { columns, rows }: Table): { name: string; value: number | null }[] => {
  const [x, y] = [indexOf(columns, chart.x), indexOf(columns, chart.y)];
  const labels = labelsByKey(rows.map((row) => row[x]));
  const names = tellApart(rows.map((row) => labels.get(keyOf(row[x])) ?? ''));
  return rows.map((row, at) => ({ name: names[at] ?? '', value: numberOf(row[y]) }));
};

/** The largest first; beyond the seventh they become one. @throws TaskError `invalid_payload` on a negative value */
export const slicesOf = (chart: PieChart, table: Table): Slice[] => {
  const slices = namedRows(chart, table)
    .map(({ name, value }) => ({ name, value: value ?? 0 }))
    .filter(({ value }) => value !== 0)
    .sort((one, other) => other.value - one.value);
  const negative = slices.at(-1);
  if (negative !== undefined && negative.value < 0) {
    throw invalidChart(`A pie cannot show the negative value of ${negative.name}`);
  }
  if (slices.length <= maxSlices) return slices;
  const rest = slices.slice(maxSlices - 1);
  const value = rest.reduce((sum, slice) => sum + slice.value, 0);
  return [...slices.slice(0, maxSlices - 1), { name: `${rest.length.toLocaleString('en')} others`, value }];
};

/** A percentage with one decimal at most, and never one that says nothing or all when it is not. */
export const shareText = (value: number, sum: number): string => {
  const percent = (100 * value) / sum;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && value < sum) return '> 99.9 %';
  return `${Number(percent.toFixed(1))} %`;
};

const zeros = (count: number): string[] =>
  count === 0 ? [] : [`${count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`} of 0 not drawn`];

const notesOn = (chart: PieChart, table: Table): string[] => {
  const values = namedRows(chart, table).map(({ value }) => value);
  const at = indexOf(table.columns, chart.y);
  const odd = table.rows.filter((row) => isUnreal(row[at])).length;
  const nulls = values.filter((value) => value === null).length - odd;
  const nones = values.filter((value) => value === 0).length;
  if (nulls === values.length && nulls > 0) return [`No values: ${chart.y} is NULL in every row`];
  if (nones > 0 && nones + nulls === values.length) return [`Nothing to share: every ${chart.y} is 0`];
  return [...zeros(nones), ...undrawn(nulls, chart.y), ...unreal(odd, chart.y)];
};

/** Whether names and shares can stand around the pie; thin slices and small pictures have a list beside it. */
const standAround = (slices: readonly Slice[], sum: number, { width }: PieChart, height: number): boolean =>
  width >= 480 && height >= 240 && slices.every(({ value }) => value >= sum / 50);

interface Place {
  readonly chart: PieChart;
  readonly top: number;
  readonly height: number;
}

type Shares = readonly (Slice & { readonly share: string })[];

const base = ({ chart }: Place): Record<string, unknown> => ({
  type: 'pie',
  startAngle: 90,
  // A pie of nothing would be a grey disc.
  showEmptyCircle: false,
  stillShowZeroSum: false,
  itemStyle: { borderColor: themes[chart.theme].ground, borderWidth: 2 },
});

/** Each slice with its name and share beside it. */
const labelled = (shares: Shares, place: Place): EChartsOption => {
  const { chart, top, height } = place;
  const { text, axis } = themes[chart.theme];
  const radius = Math.max(40, Math.min(chart.width / 3.2, (height - top - 40) / 2 - 30));
  const room = Math.max(60, chart.width / 2 - radius - 50);
  const names = shortenAll(
    shares.map(({ name }) => name),
    12,
    room,
  );
  return {
    series: [
      {
        ...base(place),
        radius,
        center: ['50%', (height + top - 16) / 2],
        label: { color: text, fontSize: 12, lineHeight: 16 },
        labelLine: { lineStyle: { color: axis } },
        data: shares.map(({ value, share }, at) => ({ name: names[at], value, text: `${names[at]}\n${share}` })),
      },
    ],
  };
};

/** The pie on the left, the names and shares of its slices in a list on the right. */
const listed = (shares: Shares, place: Place): EChartsOption => {
  const { chart, top, height } = place;
  const below = height - top - 16;
  const radius = Math.max(30, Math.min(chart.width * (chart.width < 400 ? 0.17 : 0.22), below / 2));
  const left = 16 + 2 * radius + 16;
  const line = Math.min(24, below / Math.max(1, shares.length));
  const widestShare = Math.max(0, ...shares.map(({ share }) => textWidth(`  ${share}`, 12)));
  const names = shortenAll(
    shares.map(({ name }) => name),
    12,
    chart.width - left - 12 - 5 - 16 - widestShare,
  );
  return {
    legend: {
      orient: 'vertical',
      left,
      top: top + (below - line * shares.length) / 2,
      padding: 0,
      itemGap: line - 14,
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { color: themes[chart.theme].text, fontSize: 12, lineHeight: 14 },
      data: shares.map(({ share }, at) => `${names[at]}  ${share}`),
    },
    series: [
      {
        ...base(place),
        radius,
        center: [16 + radius, top + below / 2],
        // The ground between slices would hide the thin ones.
        itemStyle: { borderWidth: 0 },
        label: { show: false },
        data: shares.map(({ value }, at) => ({ name: names[at], value })),
      },
    ],
  };
};

/** Shares of a whole, each with its name and percentage. */
export const piePicture = (chart: PieChart, table: Table, said: readonly string[]): Picture => {
  const notes = [...said, ...notesOn(chart, table)];
  const { option, top } = frame(chart, [], notes);
  const height = chart.height ?? 450;
  const slices = slicesOf(chart, table);
  const sum = slices.reduce((soFar, { value }) => soFar + value, 0);
  const shares = slices.map((slice) => ({ ...slice, share: shareText(slice.value, sum) }));
  const draw = standAround(slices, sum, chart, height - top) ? labelled : listed;
  return { notes, width: chart.width, height, option: { ...option, ...draw(shares, { chart, top, height }) } };
};
