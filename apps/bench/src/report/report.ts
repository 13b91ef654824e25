// The report: findings as tables, the file of a run's results, and what is written into the README of this app.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { workspaceRoot } from '@pulser/harness';
import { BarChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { z } from 'zod';

/** The measurements, in the order in which they run and are reported. */
export const measurementNames = [
  'throughput',
  'cpu',
  'batches',
  'latency',
  'backlog',
  'memory',
  'scaling',
  'tenants',
  'embedded',
  'dashboard',
  'dashboard-cost',
  'workflows',
  'health-cost',
  'mcp',
] as const;

export type MeasurementName = (typeof measurementNames)[number];

const Table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** Notes for the reader, a paragraph each. */
  notes: z.array(z.string()),
});
export type Table = z.infer<typeof Table>;

/** What a measurement found. */
export const Finding = z.object({
  tables: z.array(Table),
  /** Medians, for the chart. */
  bars: z.array(z.object({ name: z.string(), perSecond: z.number() })).optional(),
  /** What went wrong: any of them makes the run fail. */
  failures: z.array(z.string()),
});
export type Finding = z.infer<typeof Finding>;

/** All that a run found, by measurement. */
export const RunResult = z.object({
  at: z.string(),
  machine: z.record(z.string(), z.string()),
  findings: z.record(z.string(), Finding),
});
export type RunResult = z.infer<typeof RunResult>;

/** A rule has at least three dashes. */
const minWidth = 3;

const escaped = (text: string): string => text.replaceAll('|', '\\|');
const tableLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** As prettier lays tables out: the first column holds names, the others figures. */
const laidOut = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(minWidth, ...rows.map((row) => (row[n] ?? '').length)));
  const padded = rows.map((row) =>
    tableLine(row.map((text, n) => (n === 0 ? text.padEnd(widths[n] ?? 0) : text.padStart(widths[n] ?? 0)))),
  );
  const rule = tableLine(widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [...padded.slice(0, 1), rule, ...padded.slice(1)];
};

const bullets = (notes: readonly string[]): string[] => notes.map((note) => `- ${note}`);

/** A table, with its title and notes. */
export const tableText = ({ title, columns, rows, notes }: Table): string => {
  const cells = [columns, ...rows].map((row) => row.map(escaped));
  const below = notes.length === 0 ? [] : ['', ...bullets(notes)];
  return [`### ${title}`, '', ...laidOut(cells), ...below].join('\n');
};

/** The machine and all tables of a run, in the order of the measurements. */
export const resultText = ({ at, machine, findings }: RunResult): string => {
  const facts = Object.entries(machine).map(([name, fact]) => `${name} ${fact}`);
  const tables = measurementNames.flatMap((name) => findings[name]?.tables ?? []);
  return [`Measured ${at} on: ${facts.join('; ')}.`, ...tables.map(tableText)].join('\n\n');
};

/** @throws when there is no result in the file */
export const readResult = (path: string): RunResult => RunResult.parse(JSON.parse(readFileSync(path, 'utf8')));

/** Merges results: later findings replace earlier ones of the same measurement. */
export const merged = (results: readonly RunResult[]): RunResult => {
  const last = results.at(-1);
  if (last === undefined) throw new RangeError('there is no result');
  return { ...last, findings: Object.assign({}, ...results.map(({ findings }) => findings)) as RunResult['findings'] };
};

/** The result of a run, which may be done in pieces. */
export class ResultFile {
  private result: RunResult;

  constructor(
    readonly path: string,
    machine: RunResult['machine'],
  ) {
    const known = existsSync(path) ? readResult(path) : { findings: {} };
    this.result = { ...known, at: new Date().toISOString().slice(0, 10), machine };
  }

  get contents(): RunResult {
    return this.result;
  }

  add(name: string, finding: Finding): void {
    this.result = { ...this.result, findings: { ...this.result.findings, [name]: finding } };
    writeFileSync(this.path, `${JSON.stringify(this.result, null, 2)}\n`);
  }
}

const beginMarker = '<!-- results: written by `npm run bench -- --write` -->';
const endMarker = '<!-- end of results -->';

/** Replaces the text between the markers. @throws when a marker is missing */
export const withResults = (readme: string, results: string): string => {
  const [from, to] = [readme.indexOf(beginMarker), readme.indexOf(endMarker)];
  if (from < 0 || to < from) throw new Error(`the README has lost its markers: ${beginMarker} ${endMarker}`);
  return `${readme.slice(0, from + beginMarker.length)}\n\n${results}\n\n${readme.slice(to)}`;
};

use([BarChart, GridComponent, TitleComponent, SVGRenderer]);

type Bars = NonNullable<Finding['bars']>;

const width = 720;
const headHeight = 70;
const barHeight = 40;

/** A bar per contestant, as SVG. */
const barChart = (title: string, bars: Bars): string => {
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

const appFolder = join(workspaceRoot, 'apps/bench');
const readmeFile = join(appFolder, 'README.md');
const chartFile = join(appFolder, 'throughput.svg');

/** Writes the tables into the README of this app, and the chart beside it. @returns the paths written */
export const writeReport = (result: RunResult): string[] => {
  writeFileSync(readmeFile, withResults(readFileSync(readmeFile, 'utf8'), resultText(result)));
  const bars = result.findings['throughput']?.bars;
  if (bars === undefined) return [readmeFile];
  writeFileSync(chartFile, barChart('Tasks a second, from the request to the end of the task', bars));
  return [readmeFile, chartFile];
};
