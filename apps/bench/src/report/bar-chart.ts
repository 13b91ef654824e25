import { BarChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

import type { Finding } from './finding.js';

use([BarChart, GridComponent, TitleComponent, SVGRenderer]);

type Bars = NonNullable<Finding['bars']>;

const width = 720;
const headHeight = 70;
const barHeight = 40;

/** A bar for each, as SVG. */
export const barChart = (title: string, bars: Bars): string => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: headHeight + bars.length * barHeight });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    grid: { left: 24, right: 60, top: 50, bottom: 10, outerBoundsMode: 'same' },
    xAxis: { type: 'value' },
    // From top to bottom.
    yAxis: { type: 'category', inverse: true, data: bars.map(({ name }) => name) },
    series: [
      {
        type: 'bar',
        label: { show: true, position: 'right' },
        data: bars.map(({ perSecond }) => Math.round(perSecond)),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
};
