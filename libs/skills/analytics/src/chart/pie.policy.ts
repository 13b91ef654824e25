// Pie charts.
import type { PieChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { themes } from './palette.js';
import { invalidChart } from './series.policy.js';
import { labelOf, numberOf, indexOf, type Table } from './table.policy.js';
import { shorten } from './text-width.policy.js';

interface Slice {
  readonly name: string;
  readonly value: number;
}

/** Including the rest, as many as there are colours. */
const maxSlices = 7;

/** The largest first; beyond the seventh they become one. @throws TaskError `invalid_payload` on a negative value */
export const slicesOf = (chart: PieChart, { columns, rows }: Table): Slice[] => {
  const [x, y] = [indexOf(columns, chart.x), indexOf(columns, chart.y)];
  const slices = rows
    .map((row) => ({ name: labelOf(row[x]), value: numberOf(row[y]) ?? 0 }))
    .filter(({ value }) => value !== 0)
    .sort((one, other) => other.value - one.value);
  const negative = slices.at(-1);
  if (negative !== undefined && negative.value < 0) {
    throw invalidChart(`A pie cannot show the negative value of ${negative.name}`);
  }
  if (slices.length <= maxSlices) return slices;
  const rest = slices.slice(maxSlices - 1);
  const value = rest.reduce((sum, slice) => sum + slice.value, 0);
  return [...slices.slice(0, maxSlices - 1), { name: `${rest.length} others`, value }];
};

/** Shares of a whole, each labelled with its name and percentage. */
export const piePicture = (chart: PieChart, table: Table, note: string | undefined): Picture => {
  const { option, top } = frame(chart, [], note);
  const height = chart.height ?? 450;
  const { text, ground, axis } = themes[chart.theme];
  const radius = Math.max(40, Math.min(chart.width / 3.2, (height - top - 40) / 2 - 30));
  return {
    width: chart.width,
    height,
    option: {
      ...option,
      series: [
        {
          type: 'pie',
          radius,
          center: ['50%', (height + top - 16) / 2],
          startAngle: 90,
          percentPrecision: 1,
          itemStyle: { borderColor: ground, borderWidth: 2 },
          label: { formatter: '{b}\n{d} %', color: text, fontSize: 12, lineHeight: 16 },
          labelLine: { lineStyle: { color: axis } },
          data: slicesOf(chart, table).map(({ name, value }) => ({
            name: shorten(name, 12, Math.max(60, chart.width / 2 - radius - 50)),
            value,
          })),
        },
      ],
    },
  };
};
