// What surrounds the plot: ground, title, note, legend.
import type { EChartsOption } from 'echarts';

import type { Chart } from './chart-input.js';
import { shortenAll } from './labels.policy.js';
import { fontFamily, seriesColour, themes } from './palette.js';
import { maxSeries } from './series.policy.js';
import { textWidth, wrap } from './text-width.policy.js';

/** What the painter draws. Plain data, no functions: it travels to another thread. */
export interface Picture {
  readonly option: EChartsOption;
  /** Pixels; the PNG has twice as many. */
  readonly width: number;
  readonly height: number;
  /** What a reader must know about the rows; written under the title, where it may have been shortened. */
  readonly notes?: readonly string[];
}

export interface Drawing {
  readonly svg: Uint8Array;
  readonly png: Uint8Array;
}

/** What surrounds the plot, and the pixels it takes from the top. */
export interface Frame {
  readonly option: EChartsOption;
  readonly top: number;
}

const margin = 16;
const noteSize = 12;
const noteLine = 16;
const legendSize = 12;

/** Below this width or height, in pixels, less goes to the frame. */
const smallWidth = 400;
const smallHeight = 300;
/** Left for the plot at least. What is drawn beyond the ground makes the painter end its process. */
const minPlot = 80;

const heightOf = (chart: Chart): number => chart.height ?? 450;
const isSmall = (chart: Chart): boolean => chart.width < smallWidth || heightOf(chart) < smallHeight;

const titleStyle = (chart: Chart): { readonly fontSize: number; readonly lineHeight: number } =>
  isSmall(chart) ? { fontSize: 14, lineHeight: 18 } : { fontSize: 18, lineHeight: 24 };

/** The lines over the plot. Bold letters are a tenth wider. @param maxLines of the title, and of the notes */
const headlines = (chart: Chart, notes: readonly string[], maxLines: number): Headlines => {
  const width = chart.width - 2 * margin;
  return {
    title: wrap(chart.title ?? '', titleStyle(chart).fontSize * 1.08, width, maxLines),
    notes: wrap(notes.join('; '), noteSize, width, maxLines),
  };
};

interface Headlines {
  readonly title: readonly string[];
  readonly notes: readonly string[];
}

interface LegendStyle {
  readonly itemWidth: number;
  readonly itemHeight: number;
  readonly itemGap: number;
}

const legendStyle = (chart: Chart, series: number): LegendStyle => {
  if (isSmall(chart) && series > 4) return { itemWidth: 12, itemHeight: 8, itemGap: 6 };
  return chart.kind === 'line'
    ? { itemWidth: 24, itemHeight: 10, itemGap: 12 }
    : { itemWidth: 12, itemHeight: 12, itemGap: 12 };
};

/** As many rows as the legend will break into. */
const legendRows = (names: readonly string[], width: number, { itemWidth, itemGap }: LegendStyle): number => {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const item = itemWidth + 5 + textWidth(name, legendSize) + itemGap;
    if (used > 0 && used + item > width) {
      rows += 1;
      used = 0;
    }
    used += item;
  }
  return rows;
};

const legendHeight = (chart: Chart, names: readonly string[]): number => {
  const style = legendStyle(chart, names.length);
  return names.length === 0 ? 0 : legendRows(names, chart.width - 2 * margin, style) * (legendSize + style.itemGap);
};

/** Shorter names, as long as the legend takes more than a third of the picture. */
const legendNames = (chart: Chart, series: readonly { readonly name: string }[]): readonly string[] => {
  if (series.length < 2) return [];
  const names = series.map(({ name }) => name);
  const fits = (some: readonly string[]): boolean => legendHeight(chart, some) <= heightOf(chart) / 3;
  return [140, 100, 70, 50, 35].reduce<readonly string[]>(
    (soFar, width) => (fits(soFar) ? soFar : shortenAll(names, legendSize, width)),
    names,
  );
};

const titleOption = (chart: Chart, { title, notes }: Headlines): NonNullable<EChartsOption['title']> => {
  const { text, softText } = themes[chart.theme];
  return {
    text: title.join('\n'),
    ...(notes.length === 0 ? {} : { subtext: notes.join('\n') }),
    left: margin,
    top: margin,
    padding: 0,
    itemGap: 6,
    textStyle: { color: text, ...titleStyle(chart), fontWeight: 'bold' },
    subtextStyle: { color: softText, fontSize: noteSize, lineHeight: noteLine },
  };
};

const legendOption = (chart: Chart, names: readonly string[], top: number): NonNullable<EChartsOption['legend']> => ({
  data: [...names],
  top,
  left: margin,
  width: chart.width - 2 * margin,
  padding: 0,
  ...legendStyle(chart, names.length),
  ...(chart.kind === 'area' ? { icon: 'roundRect' } : {}),
  textStyle: { color: themes[chart.theme].text, fontSize: legendSize },
});

/** Pixels above the legend. */
const legendTop = (chart: Chart, { title, notes }: Headlines): number => {
  const headline = title.length * titleStyle(chart).lineHeight + (notes.length === 0 ? 0 : notes.length * noteLine + 6);
  return headline === 0 ? margin : margin + headline + 10;
};

/** The title, the notes under it and, for several series, the legend under that. */
export const frame = (chart: Chart, series: readonly { readonly name: string }[], notes: readonly string[]): Frame => {
  const names = legendNames(chart, series);
  const topUnder = (lines: Headlines): number => legendTop(chart, lines) + legendHeight(chart, names) + 8;
  const mostTop = heightOf(chart) - minPlot;
  const fuller = (isSmall(chart) ? [2] : [3, 2]).map((maxLines) => headlines(chart, notes, maxLines));
  const lines = fuller.find((some) => topUnder(some) <= mostTop) ?? headlines(chart, notes, 1);
  return {
    option: {
      animation: false,
      useUTC: true,
      backgroundColor: themes[chart.theme].ground,
      color: Array.from({ length: maxSeries }, (_, index) => seriesColour(chart.theme, index)),
      textStyle: { fontFamily },
      title: titleOption(chart, lines),
      ...(names.length === 0 ? {} : { legend: legendOption(chart, names, legendTop(chart, lines)) }),
    },
    top: Math.min(mostTop, topUnder(lines)),
  };
};
