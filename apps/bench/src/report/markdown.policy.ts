import { measurementNames } from '../measurements/measurement-name.js';
import type { RunResult, Table } from './finding.js';

/** A rule has three dashes at least. */
const leastWidth = 3;

const escaped = (text: string): string => text.replaceAll('|', '\\|');
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** As the formatter of this repository lays tables out: the first column is a name, the others are figures. */
const laidOut = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(leastWidth, ...rows.map((row) => (row[n] ?? '').length)));
  const padded = rows.map((row) =>
    line(row.map((text, n) => (n === 0 ? text.padEnd(widths[n] ?? 0) : text.padStart(widths[n] ?? 0)))),
  );
  const rule = line(widths.map((width, n) => (n === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [...padded.slice(0, 1), rule, ...padded.slice(1)];
};

const bullets = (notes: readonly string[]): string[] => notes.map((note) => `- ${note}`);

/** A table, with its title and notes. */
export const tableText = ({ title, columns, rows, notes }: Table): string => {
  const cells = [columns, ...rows].map((row) => row.map(escaped));
  const below = notes.length === 0 ? [] : ['', ...bullets(notes)];
  return [`### ${title}`, '', ...laidOut(cells), ...below].join('\n');
};

/** All tables of a run, in the order of the measurements, and the machine that they are of. */
export const resultText = ({ at, machine, findings }: RunResult): string => {
  const facts = Object.entries(machine).map(([name, fact]) => `${name} ${fact}`);
  const tables = measurementNames.flatMap((name) => findings[name]?.tables ?? []);
  return [`Measured ${at} on: ${facts.join('; ')}.`, ...tables.map(tableText)].join('\n\n');
};
