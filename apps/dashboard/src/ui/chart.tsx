// Charts over time: drawn by uPlot on a canvas, in the colours of the theme, with the same figures as a table.
import 'uplot/dist/uPlot.min.css';
import './chart.css';

import { useRouter } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import uPlot from 'uplot';

import { PlaceLink } from '../app/place-link.js';
import { useIsDark } from '../app/preferences.js';
import { type ChartData, colorOf, csvOf, lonely, pickedSeries, stacked, svgOf } from './chart.policy.js';
import { saveFile, savePng } from './save-file.js';
import { IconButton } from './button.js';
import { Menu, MenuItem } from './menu.js';
import { count, shortCount } from './numbers.policy.js';
import { momentText } from './time.policy.js';
import { tokenOf } from './tokens.js';

export type ChartKind = 'line' | 'area' | 'bars';

export interface ChartProps {
  /** What it shows: "Tasks an hour". Also the name of exported files. */
  readonly title: string;
  readonly data: ChartData;
  readonly kind?: ChartKind;
  /** In pixels. */
  readonly height?: number;
  /** A value with its unit, for the axis, the legend and the table. */
  readonly valueText?: (value: number) => string;
  /** Where a point leads: the page of its rows, as a path with its query. Its number in the table is a link there. */
  readonly placeOf?: (series: string, atSeconds: number) => string | undefined;
}

const tone = (color: string, alpha: string): string => (/^#[\da-f]{6}$/i.test(color) ? `${color}${alpha}` : color);

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const dayS = 86_400;

/** The clock between the days, and the day where it begins. */
const timesOf: uPlot.Axis.DynamicValues = (_plot, splits, _axis, _space, stepS) =>
  splits.map((at) => {
    const date = new Date(at * 1_000);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
    if (stepS >= dayS || isMidnight) return day.format(date);
    return (stepS < 60 ? seconds : clock).format(date);
  });

const bars = uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.12 });

const lonelyOf = (plot: uPlot, place: number): number[] => lonely([...(plot.data[place] ?? [])]);

const optionsOf = (
  { data, kind = 'line', valueText = shortCount }: ChartProps,
  width: number,
  height: number,
  onCursor: (index: number | null) => void,
): uPlot.Options => {
  const [text, line] = [tokenOf('--text-3'), tokenOf('--line')];
  const font = `11px ${tokenOf('--font')}`;
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
  const isStack = kind !== 'line';
  const last = data.series.length - 1;
  return {
    width,
    height,
    legend: { show: false },
    // On the right half of the last time of the axis.
    padding: [10, 20, 0, 0],
    // Each layer of a stack is filled down to the one below it.
    ...(kind === 'area' && {
      bands: data.series.slice(1).map((_, order) => ({ series: [order + 1, order + 2] as [number, number] })),
    }),
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      // Bars stand on their time: half a step more on both sides.
      ...(kind === 'bars' && { x: { range: withHalfSteps(data.at) } }),
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 64, size: 26, gap: 6, values: timesOf },
      { ...axis, size: 56, space: 40, values: (_plot, splits) => splits.map(valueText) },
    ],
    series: [
      {},
      // Of a stack the highest edge is drawn first, so that those below it stay in sight.
      ...data.series.map((_, order) => {
        const index = isStack ? last - order : order;
        const series = data.series[index];
        const color = series === undefined ? text : tokenOf(colorOf(series, index));
        return {
          label: series?.name ?? '',
          stroke: color,
          width: kind === 'bars' ? 0 : 1.6,
          points: kind === 'bars' ? { show: false } : { show: true, size: 5, fill: color, filter: lonelyOf },
          spanGaps: false,
          ...(kind === 'area' && { fill: tone(color, '40') }),
          ...(kind === 'bars' && { fill: color, ...(bars && { paths: bars }) }),
        };
      }),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          onCursor(plot.cursor.idx ?? null);
        },
      ],
    },
  };
};

const withHalfSteps =
  (at: readonly number[]): uPlot.Range.Function =>
  (_plot, from, to) => {
    const half = ((at[1] ?? to) - (at[0] ?? from)) / 2 || 1_800;
    return [from - half, to + half];
  };

const alignedOf = ({ data, kind = 'line' }: ChartProps): uPlot.AlignedData => {
  const edges = kind === 'line' ? data.series.map(({ values }) => [...values]) : stacked(data.series).reverse();
  return [[...data.at], ...edges];
};

export const Chart = (props: ChartProps) => {
  const { title, data, kind = 'line', height = 220, valueText = shortCount, placeOf } = props;
  const router = useRouter();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const isDark = useIsDark();
  const [cursor, setCursor] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const tableId = useId();
  const shape = `${kind} ${height} ${data.series.map(({ name, color = '' }) => `${name}${color}`).join('|')} ${data.at.length === 1}`;
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = place.current;
    if (element === null || isTable) return undefined;
    const draw = new uPlot(
      optionsOf(latest.current, Math.max(200, element.clientWidth), height, setCursor),
      alignedOf(latest.current),
      element,
    );
    plot.current = draw;
    // A canvas does not draw itself again when the font comes.
    void document.fonts.ready.then(() => {
      if (plot.current === draw) draw.redraw(false, true);
    });
    const observer = new ResizeObserver(() => {
      draw.setSize({ width: Math.max(200, element.clientWidth), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      draw.destroy();
      plot.current = undefined;
    };
    // The colours of the canvas are those of the theme.
  }, [shape, isDark, height, isTable]);

  useEffect(() => {
    plot.current?.setData(alignedOf(latest.current));
  }, [data]);

  const save = (format: 'png' | 'svg' | 'csv'): void => {
    if (format === 'csv') saveFile(`${title}.csv`, new Blob([csvOf(data)], { type: 'text/csv' }));
    else if (format === 'svg') saveFile(`${title}.svg`, new Blob([drawnAsSvg(props)], { type: 'image/svg+xml' }));
    else void savePng(`${title}.png`, drawnAsSvg(props));
  };

  const at = cursor === null ? undefined : data.at[cursor];
  const placeAtCursor = (): string | undefined => {
    if (at === undefined || cursor === null || plot.current === undefined) return undefined;
    const value = plot.current.posToVal(plot.current.cursor.top ?? 0, 'y');
    const picked = pickedSeries(data.series, { index: cursor, value, isStack: kind !== 'line' });
    return picked === undefined ? undefined : placeOf?.(picked.name, at);
  };
  return (
    <figure className="chart" aria-label={title}>
      <div className="chart-bar">
        <ul className="chart-legend">
          {data.series.map((series, index) => (
            <li key={series.name} className="chart-key">
              <span className="chart-color" style={{ background: `var(${colorOf(series, index)})` }} />
              <span className="truncate">{series.name}</span>
              {cursor !== null && <span className="num chart-value">{shown(series.values[cursor], valueText)}</span>}
            </li>
          ))}
        </ul>
        <span className="chart-time num">{at === undefined ? '' : momentText(at)}</span>
        <Menu label={`Export ${title}`} trigger={<IconButton icon="dots" size="s" label={`More about ${title}`} />}>
          <MenuItem
            icon={isTable ? 'graph' : 'tasks'}
            onAction={() => {
              setTable(!isTable);
            }}
          >
            {isTable ? 'Show as chart' : 'Show as table'}
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              save('png');
            }}
          >
            PNG
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              save('svg');
            }}
          >
            SVG
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              save('csv');
            }}
          >
            CSV
          </MenuItem>
        </Menu>
      </div>
      {isTable ? (
        <div
          className="chart-table"
          style={{ maxHeight: `${height}px` }}
          tabIndex={0}
          role="group"
          aria-label={`${title} as a table`}
        >
          <FigureTable {...props} id={tableId} hasLinks />
        </div>
      ) : (
        <>
          <div
            ref={place}
            className="chart-place"
            style={{ height: `${height}px` }}
            aria-hidden="true"
            data-picks={placeOf !== undefined || undefined}
            onClick={() => {
              const place = placeAtCursor();
              if (place !== undefined) void router.navigate({ href: place });
            }}
          />
          <div className="visually-hidden">
            <FigureTable {...props} id={tableId} />
          </div>
        </>
      )}
    </figure>
  );
};

const shown = (value: number | null | undefined, valueText: (value: number) => string): string =>
  value === null || value === undefined ? '–' : valueText(value);

const Figure = ({ place, children }: { readonly place: string | undefined; readonly children: string }) =>
  place === undefined || children === '–' ? children : <PlaceLink place={place}>{children}</PlaceLink>;

interface FigureTableProps extends ChartProps {
  readonly id: string;
  /** Beside a canvas the table is for reading alone: nobody sees where the focus would be. */
  readonly hasLinks?: boolean;
}

/** The figures as text: what a screen reader gets beside a canvas, and what everybody may choose instead of it. */
const FigureTable = ({ title, data, valueText = count, id, placeOf, hasLinks = false }: FigureTableProps) => (
  <table className="plain-table" id={id}>
    <caption className="visually-hidden">{title}</caption>
    <thead>
      <tr>
        <th scope="col">Time</th>
        {data.series.map(({ name }) => (
          <th key={name} scope="col" className="right">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {data.at.map((seconds, index) => (
        <tr key={seconds}>
          <th scope="row" className="num">
            {momentText(seconds)}
          </th>
          {data.series.map(({ name, values }) => (
            <td key={name} className="right num">
              <Figure place={hasLinks ? placeOf?.(name, seconds) : undefined}>{shown(values[index], valueText)}</Figure>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

const drawnAsSvg = ({ title, data, kind = 'line', valueText = shortCount }: ChartProps): string =>
  svgOf(data, {
    width: 960,
    height: 360,
    title,
    kind,
    text: tokenOf('--text-2'),
    line: tokenOf('--line'),
    background: tokenOf('--surface'),
    colors: data.series.map((series, index) => tokenOf(colorOf(series, index))),
    valueText,
    timeText: momentText,
  });
