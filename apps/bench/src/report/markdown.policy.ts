import type { RunResult, Table } from './finding.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** The first column is a name; the others are figures. */
const rule = (columns: readonly string[]): string => line(columns.map((_, n) => (n === 0 ? '---' : '---:')));

const bullets = (notes: readonly string[]): string[] => notes.map((note) => `- ${note}`);

/** A table, with its title and notes. */
export const tableText = ({ title, columns, rows, notes }: Table): string =>
  [
    `### ${title}`,
    '',
    line(columns),
    rule(columns),
    ...rows.map(line),
    ...(notes.length === 0 ? [] : ['', ...bullets(notes)]),
  ].join('\n');

/** All tables of a run, and the machine that they are of. */
export const resultText = ({ at, machine, findings }: RunResult): string => {
  const facts = Object.entries(machine).map(([name, fact]) => `${name} ${fact}`);
  const tables = Object.values(findings).flatMap(({ tables: found }) => found);
  return [`Measured ${at} on: ${facts.join('; ')}.`, ...tables.map(tableText)].join('\n\n');
};
