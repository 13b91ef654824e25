// A series over time with a band around what is expected of it: forecasts, and values that stand out.
import type { LineSeriesOption, ScatterSeriesOption } from 'echarts';

import { gridUnder, horizontalAxis, type Scale, scaleOf, upright, valueAxis } from './axes.policy.js';
import { Chart, type XYChart } from './chart-input.js';
import { missingIn } from './fonts.js';
import { frame, type Picture } from './frame.policy.js';
import { seriesColour, translucent } from './palette.js';

/** What surrounds the plot. */
export interface BandFrame {
  readonly title?: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: Chart['theme'];
}

/** Milliseconds since 1970, or plain numbers; a null leaves a gap in its line. */
export type BandPoint = readonly [x: number, y: number | null];

export interface BandData {
  /** Whether x is a time, the first of January of a year, or a number. */
  readonly kind: 'time' | 'year' | 'value';
  readonly line: BandPart<BandPoint>;
  /** Drawn dashed behind the line, such as a forecast. */
  readonly continued?: BandPart<BandPoint>;
  readonly band?: BandPart<readonly [x: number, lower: number, upper: number]>;
  /** Drawn as dots over the line. */
  readonly marks?: BandPart<BandPoint>;
}

export interface BandPart<Point> {
  /** In the legend. */
  readonly name: string;
  readonly points: readonly Point[];
}

const chartOf = ({ title, xLabel, yLabel, width, height, theme }: BandFrame): XYChart => {
  const chart = Chart.parse({
    kind: 'area',
    x: 'x',
    y: 'y',
    x_label: xLabel,
    y_label: yLabel,
    title,
    width,
    height,
    theme,
  });
  if (chart.kind !== 'area') throw new Error('An area stays one');
  return chart;
};

const numbersIn = ({ line, continued, band, marks }: BandData): (number | null)[] => [
  ...[line, continued, marks].flatMap((part) => part?.points.map(([, y]) => y) ?? []),
  ...(band?.points.flatMap(([, lower, upper]) => [lower, upper]) ?? []),
];

const xsIn = ({ line, continued, band, marks }: BandData): number[] =>
  [line, continued, band, marks].flatMap((part) => part?.points.map(([x]) => x) ?? []);

type At = (x: number) => number;

const lineOf = (
  part: BandPart<BandPoint>,
  at: At,
  scale: Scale,
  colour: string,
  dashed: boolean,
): LineSeriesOption => ({
  type: 'line',
  name: part.name,
  data: part.points.map(([x, y]) => [at(x), scale.at(y) ?? '-']),
  symbol: 'none',
  itemStyle: { color: colour },
  lineStyle: { width: dashed ? 2 : 1.5, color: colour, type: dashed ? 'dashed' : 'solid' },
  z: 3,
});

/** An invisible line below, and on it an area up to the upper one; the legend shows the colour of the invisible one. */
const bandOf = (part: NonNullable<BandData['band']>, at: At, scale: Scale, colour: string): LineSeriesOption[] => {
  const invisible = { symbol: 'none', stack: 'band', stackStrategy: 'all', lineStyle: { opacity: 0 }, z: 1 } as const;
  const heights = part.points.map(([x, lower, upper]) => [at(x), (scale.at(upper) ?? 0) - (scale.at(lower) ?? 0)]);
  return [
    {
      type: 'line',
      name: part.name,
      data: part.points.map(([x, lower]) => [at(x), scale.at(lower) ?? 0]),
      itemStyle: { color: translucent(colour, 0.3) },
      ...invisible,
    },
    { type: 'line', name: '', data: heights, areaStyle: { color: colour, opacity: 0.22 }, ...invisible },
  ];
};

const marksOf = (part: NonNullable<BandData['marks']>, at: At, scale: Scale, colour: string): ScatterSeriesOption => ({
  type: 'scatter',
  name: part.name,
  data: part.points.map(([x, y]) => [at(x), scale.at(y) ?? 0]),
  symbolSize: 9,
  itemStyle: { color: translucent(colour, 0.85) },
  z: 4,
});

const seriesOf = (
  data: BandData,
  at: At,
  scale: Scale,
  theme: Chart['theme'],
): (LineSeriesOption | ScatterSeriesOption)[] => {
  const [blue, red] = [seriesColour(theme, 0), seriesColour(theme, 4)];
  // The invisible top of the band comes last: the legend names the others in this order.
  return [
    lineOf(data.line, at, scale, blue, false),
    ...(data.continued === undefined ? [] : [lineOf(data.continued, at, scale, red, true)]),
    ...(data.marks === undefined ? [] : [marksOf(data.marks, at, scale, red)]),
    ...(data.band === undefined ? [] : bandOf(data.band, at, scale, data.continued === undefined ? blue : red)),
  ];
};

const pictureWith = (chart: XYChart, data: BandData, notes: readonly string[]): Picture => {
  const scale = scaleOf(chart.y_label ?? '', numbersIn(data), false);
  const xs = [...new Set(xsIn(data))];
  const horizontal = horizontalAxis(chart, { kind: data.kind }, xs);
  const standing = new Map(xs.map((x, index) => [x, Number(horizontal.places[index] ?? x)]));
  const named = [data.line, data.continued, data.marks, data.band].filter((part) => part !== undefined);
  const { option, top } = frame(chart, named, notes);
  const height = chart.height ?? 450;
  return {
    notes,
    width: chart.width,
    height,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: horizontal.axis,
      yAxis: upright(valueAxis(chart, scale.name, false), height - top),
      series: seriesOf(data, (x) => standing.get(x) ?? x, scale, chart.theme),
    },
  };
};

/** A line over time, with its continuation, a band and marked points. @throws TaskError as other pictures do */
export const bandPicture = (look: BandFrame, data: BandData, notes: readonly string[]): Picture => {
  const chart = chartOf(look);
  const picture = pictureWith(chart, data, notes);
  return missingIn(JSON.stringify(picture.option)).length === 0
    ? picture
    : pictureWith(chart, data, [...notes, 'Some characters are drawn as boxes: no font here has them']);
};
