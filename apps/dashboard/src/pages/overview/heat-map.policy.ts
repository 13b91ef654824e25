// Shares of failed tasks by agent and time: what a heat map shows, and the same as a file.
import type { TelemetryErrors } from '@pulser/contracts';

import { svgText } from '../../ui/chart.policy.js';
import { count, percent } from '../../ui/numbers.policy.js';

export interface HeatCell {
  /** Begin of the bucket, in seconds of the epoch. */
  readonly at: number;
  readonly completed: number | null;
  readonly failed: number | null;
  /** From 0 to 1; null where nothing ended, or nothing is kept. */
  readonly rate: number | null;
}

export interface HeatRow {
  readonly agent: string;
  readonly cells: readonly HeatCell[];
}

export const heatRowsOf = ({ times, series }: Pick<TelemetryErrors, 'times' | 'series'>): HeatRow[] =>
  series
    .map(({ key, values }) => ({
      agent: key.agent ?? '',
      cells: times.map((at, index) => ({
        at,
        completed: values.completed[index] ?? null,
        failed: values.failed[index] ?? null,
        rate: values.error_rate[index] ?? null,
      })),
    }))
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));

/** Shades: nothing ended, no error, up to 1 %, 5 %, 20 %, 50 %, and more. */
export type Heat = 'none' | '0' | '1' | '2' | '3' | '4' | '5';

export const heatSteps = [
  { heat: '0', most: 0, text: 'none failed' },
  { heat: '1', most: 0.01, text: 'to 1%' },
  { heat: '2', most: 0.05, text: 'to 5%' },
  { heat: '3', most: 0.2, text: 'to 20%' },
  { heat: '4', most: 0.5, text: 'to 50%' },
  { heat: '5', most: 1, text: 'more' },
] as const satisfies readonly { readonly heat: Heat; readonly most: number; readonly text: string }[];

export const heatOf = (rate: number | null): Heat =>
  rate === null ? 'none' : (heatSteps.find(({ most }) => rate <= most)?.heat ?? '5');

/** A cell in words: `3 of 40 failed, 7.5%`. */
export const cellText = ({ completed, failed, rate }: HeatCell): string => {
  if (completed === null || failed === null) return 'not kept any more';
  return rate === null ? 'nothing ended' : `${count(failed)} of ${count(completed + failed)} failed, ${percent(rate)}`;
};

/** A row for every agent and time (RFC 4180). Names of agents are small letters, digits and underscores. */
export const heatCsv = (rows: readonly HeatRow[]): string =>
  [
    'time,agent,completed,failed,error_rate',
    ...rows.flatMap(({ agent, cells }) =>
      cells.map(({ at, completed, failed, rate }) =>
        [new Date(at * 1_000).toISOString(), agent, completed ?? '', failed ?? '', rate ?? ''].join(','),
      ),
    ),
  ].join('\r\n');

export interface HeatLook {
  readonly title: string;
  readonly text: string;
  readonly background: string;
  readonly line: string;
  /** Of each shade. */
  readonly colors: Readonly<Record<Heat, string>>;
  readonly timeText: (seconds: number) => string;
}

/** The map as an SVG file of its own: shapes and texts, nothing that runs. */
export const heatSvg = (rows: readonly HeatRow[], look: HeatLook): string => {
  const [width, left, top, side] = [960, 128, 48, 28];
  const columns = rows[0]?.cells.length ?? 0;
  const slot = (width - left - 16) / Math.max(1, columns);
  const bottom = top + rows.length * side;
  const height = bottom + 64;
  const cells = rows.flatMap(({ agent, cells: of }, row) => [
    `<text x="${left - 10}" y="${top + row * side + 18}" text-anchor="end">${svgText(agent)}</text>`,
    ...of.map((cell, column) => {
      const [x, y] = [left + column * slot, top + row * side];
      return `<rect x="${(x + 1).toFixed(1)}" y="${y + 1}" width="${Math.max(1, slot - 2).toFixed(1)}" height="${side - 2}" rx="2" fill="${look.colors[heatOf(cell.rate)]}" stroke="${look.line}"><title>${svgText(`${agent}, ${look.timeText(cell.at)}: ${cellText(cell)}`)}</title></rect>`;
    }),
  ]);
  const places = [...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (columns - 1))))];
  const times = places.flatMap((column) => {
    const at = rows[0]?.cells[column]?.at;
    const x = left + (column + 0.5) * slot;
    return at === undefined
      ? []
      : [`<text x="${x.toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${svgText(look.timeText(at))}</text>`];
  });
  const legend = heatSteps.map(({ heat, text }, index) => {
    const x = left + index * 96;
    return `<rect x="${x}" y="${height - 22}" width="12" height="12" rx="2" fill="${look.colors[heat]}" stroke="${look.line}"/><text x="${x + 18}" y="${height - 12}">${svgText(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="11" fill="${look.text}"><title>${svgText(look.title)}</title><rect width="${width}" height="${height}" fill="${look.background}"/><text x="16" y="24" font-size="14" font-weight="600">${svgText(look.title)}</text>${cells.join('')}${times.join('')}${legend.join('')}</svg>`;
};

export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

/** Where an arrow key leads in a grid; it stops at the edges. */
export const stepInGrid = (
  key: string,
  { row, column }: GridPlace,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): GridPlace | undefined => {
  const within = (value: number, length: number): number => Math.min(Math.max(0, value), length - 1);
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    return { row, column: within(column + (key === 'ArrowLeft' ? -1 : 1), columns) };
  if (key === 'ArrowUp' || key === 'ArrowDown')
    return { row: within(row + (key === 'ArrowUp' ? -1 : 1), rows), column };
  if (key === 'Home') return { row, column: 0 };
  return key === 'End' ? { row, column: columns - 1 } : undefined;
};
