import { gridUnder, valueAxis } from './axes.policy.js';
import { binsOf, limitsToLabel } from './bins.policy.js';
import { numberOf } from './cell.policy.js';
import type { Histogram } from './chart-input.js';
import { indexOf } from './columns.policy.js';
import type { Table } from './data.policy.js';
import { frame } from './frame.policy.js';
import { themes } from './palette.js';
import type { Picture } from './picture.js';
import { scaled, unitOf } from './unit.policy.js';

const horizontal = (chart: Histogram, bins: ReturnType<typeof binsOf>): Record<string, unknown> => {
  const { first, width, counts, single } = bins;
  // A bar of one value stands over its label.
  const shift = single ? 0.5 : 0;
  const [start, end] = [(first - shift) * width, (first + counts.length - shift) * width];
  const unit = unitOf([start, end]);
  const axis = valueAxis(chart, chart.x_label ?? chart.x, unit, false);
  const customValues = limitsToLabel(bins).map((limit) => scaled(limit, unit));
  const { text, axis: colour } = themes[chart.theme];
  return {
    ...axis,
    position: 'bottom',
    min: scaled(start, unit),
    max: scaled(end, unit),
    splitLine: { show: false },
    axisTick: { show: true, customValues, lineStyle: { color: colour } },
    axisLabel: { color: text, hideOverlap: true, customValues },
  };
};

/** How many rows fall into each range of a numeric column. */
export const histogramPicture = (chart: Histogram, { columns, rows }: Table, note: string | undefined): Picture => {
  const index = indexOf(columns, chart.x);
  const bins = binsOf(rows.flatMap((row) => numberOf(row[index]) ?? []));
  const { option, top } = frame(chart, [], note);
  return {
    width: chart.width,
    height: chart.height ?? 450,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: [
        // The bars stand on categories that fill the same width as the numbers under them.
        { type: 'category', show: false, data: bins.counts.map((_, bin) => bin) },
        horizontal(chart, bins),
      ],
      yAxis: { ...valueAxis(chart, chart.y_label ?? 'rows', unitOf([]), true), minInterval: 1 },
      series: [{ type: 'bar', data: [...bins.counts], barCategoryGap: '4%' }],
    },
  };
};
