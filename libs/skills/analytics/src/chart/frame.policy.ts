// What surrounds the plot: ground, title, note, legend.
import type { EChartsOption } from 'echarts';

import type { Chart } from './chart-input.js';
import { fontFamily, seriesColour, themes } from './palette.js';
import { maxSeries } from './series.policy.js';
import { textWidth, wrap } from './text-width.policy.js';

/** What the painter draws. Plain data, no functions: it travels to another thread. */
export interface Picture {
  readonly option: EChartsOption;
  /** Pixels; the PNG has twice as many. */
  readonly width: number;
  readonly height: number;
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
const titleSize = 18;
const titleLine = 24;
const noteLine = 20;
const legendSize = 12;
const legendLine = 24;
const symbolWidth = 40;

const titleLines = ({ title, width }: Chart): string[] =>
  title === undefined ? [] : wrap(title, titleSize, width - 2 * margin, 3);

/** As many rows as the legend will break into. */
const legendRows = (names: readonly string[], width: number): number => {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const item = symbolWidth + textWidth(name, legendSize);
    if (used > 0 && used + item > width) {
      rows += 1;
      used = 0;
    }
    used += item;
  }
  return rows;
};

const titleOption = (chart: Chart, note: string | undefined): NonNullable<EChartsOption['title']> => {
  const { text, softText } = themes[chart.theme];
  return {
    text: titleLines(chart).join('\n'),
    ...(note === undefined ? {} : { subtext: note }),
    left: margin,
    top: margin,
    padding: 0,
    itemGap: 6,
    textStyle: { color: text, fontSize: titleSize, lineHeight: titleLine, fontWeight: 'bold' },
    subtextStyle: { color: softText, fontSize: 12 },
  };
};

const legendOption = (chart: Chart, names: readonly string[], top: number): NonNullable<EChartsOption['legend']> => ({
  data: [...names],
  top,
  left: margin,
  width: chart.width - 2 * margin,
  padding: 0,
  itemGap: 14,
  itemWidth: chart.kind === 'line' ? 24 : 12,
  itemHeight: chart.kind === 'line' ? 10 : 12,
  ...(chart.kind === 'area' ? { icon: 'roundRect' } : {}),
  textStyle: { color: themes[chart.theme].text, fontSize: legendSize },
});

/** The title, a note under it and, for several series, the legend under that. */
export const frame = (chart: Chart, series: readonly { readonly name: string }[], note: string | undefined): Frame => {
  const names = series.map(({ name }) => name);
  const headline = titleLines(chart).length * titleLine + (note === undefined ? 0 : noteLine);
  const legendTop = headline === 0 ? margin : margin + headline + 10;
  const hasLegend = names.length > 1;
  const legendHeight = hasLegend ? legendRows(names, chart.width - 2 * margin) * legendLine : 0;
  return {
    option: {
      animation: false,
      useUTC: true,
      backgroundColor: themes[chart.theme].ground,
      color: Array.from({ length: maxSeries }, (_, index) => seriesColour(chart.theme, index)),
      textStyle: { fontFamily },
      title: titleOption(chart, note),
      ...(hasLegend ? { legend: legendOption(chart, names, legendTop) } : {}),
    },
    top: legendTop + legendHeight + 8,
  };
};
