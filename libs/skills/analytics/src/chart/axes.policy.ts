import type { EChartsOption } from 'echarts';

import type { Chart } from './chart-input.js';
import { themes } from './palette.js';
import { nameWithUnit, type Unit } from './unit.policy.js';
import type { AxisKind } from './x-axis.policy.js';

type Axis = Record<string, unknown>;

export const labelSize = 12;

const named = (chart: Chart, name: string): Axis => ({
  name,
  nameLocation: 'middle',
  nameTextStyle: { color: themes[chart.theme].softText, fontSize: labelSize },
});

const label = (chart: Chart, extra: Axis = {}): Axis => ({
  axisLabel: { color: themes[chart.theme].text, fontSize: labelSize, hideOverlap: true, ...extra },
});

const axisLine = (chart: Chart): Axis => ({
  show: true,
  onZero: true,
  lineStyle: { color: themes[chart.theme].axis },
});

/** An axis of numbers. @param fromZero false lets it begin near the smallest value */
export const valueAxis = (chart: Chart, name: string, unit: Unit, fromZero: boolean): Axis => ({
  type: 'value',
  scale: !fromZero,
  ...named(chart, nameWithUnit(name, unit)),
  ...label(chart),
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: true, lineStyle: { color: themes[chart.theme].grid } },
});

const yearMs = 365 * 24 * 3_600_000;

// The default writes days as a bare number.
const timeTemplates = {
  year: '{yyyy}',
  month: '{MMM}',
  day: '{d} {MMM}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
  second: '{HH}:{mm}:{ss}',
  millisecond: '{ss}.{SSS}',
};

/** The day or year that all these times share and that their labels may leave out. */
const shared = (times: readonly number[]): string => {
  const isos = times.map((time) => new Date(time).toISOString());
  const [first] = isos;
  const length = [10, 4].find((size) => isos.every((iso) => iso.slice(0, size) === first?.slice(0, size)));
  return first === undefined || length === undefined ? '' : first.slice(0, length);
};

const nameOfTimes = (name: string, times: readonly number[]): string => {
  const common = shared(times);
  return common === '' || name === '' ? name : `${name} (${common})`;
};

/** An axis of times in UTC, or of years. */
export const timeAxis = (chart: Chart, name: string, kind: AxisKind, times: readonly number[]): Axis => ({
  type: 'time',
  ...(kind === 'year' ? { minInterval: yearMs } : {}),
  ...named(chart, kind === 'year' ? name : nameOfTimes(name, times)),
  ...label(chart, { formatter: kind === 'year' ? '{yyyy}' : timeTemplates }),
  axisLine: axisLine(chart),
  axisTick: { show: true, lineStyle: { color: themes[chart.theme].axis } },
  splitLine: { show: false },
});

/** An axis of labels side by side. */
export const categoryAxis = (chart: Chart, name: string, labels: readonly string[], extra: Axis = {}): Axis => ({
  type: 'category',
  data: [...labels],
  ...named(chart, name),
  ...label(chart, extra),
  axisLine: axisLine(chart),
  axisTick: { show: false },
});

/** Room for the plot: what is left under the frame, with the labels and names of the axes inside. */
export const gridUnder = (top: number): NonNullable<EChartsOption['grid']> => ({
  left: 16,
  right: 28,
  top,
  bottom: 14,
  outerBoundsMode: 'same',
  outerBoundsContain: 'all',
});
