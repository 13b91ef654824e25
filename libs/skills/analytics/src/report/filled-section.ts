// A section of a report: its text, and what its statement returned, as a picture and a table.
import { type Column, type Json, pictureOf, sharedPainter } from '@pulser/charts';
import { type Rows, sharedSandboxes, type StagedSource } from '@pulser/data-sandbox';

import type { Block, DocumentTable } from '../print/document.js';
import { maxTableColumns, type Section } from './report-contract.js';
import { textBlocks } from './text-blocks.policy.js';

/** Rows of which a chart is drawn, as with `query`. */
const maxDrawn = 10_000;

/** A section with what its statement returned. */
export interface Filled {
  readonly section: Section;
  readonly rows: Rows | undefined;
  readonly blocks: readonly Block[];
  /** Rows of its table. */
  readonly shown: number;
  /** Of its table on a page, about. */
  readonly lines: number;
  readonly notes: readonly string[];
}

export const inWords = (count: number): string => count.toLocaleString('en');

const numeric = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BIGNUM|DECIMAL\(.*\))$/;

/** Characters of a cell; a page shows fewer. */
const maxCell = 1_000;

const bounded = (text: string): string => {
  if (text.length <= maxCell) return text;
  const kept = Array.from(text.slice(0, maxCell)).slice(0, -1).join('');
  return `${kept}… (${inWords(text.length - kept.length)} more characters)`;
};

const textOf = (cell: Json): string | null => {
  if (cell === null) return null;
  return bounded(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
};

const tableOf = (columns: readonly Column[], rows: Rows['rows']): DocumentTable => ({
  kind: 'table',
  columns: columns.slice(0, maxTableColumns).map(({ name, type }) => ({ name, isNumeric: numeric.test(type) })),
  rows: rows.map((row) => row.slice(0, maxTableColumns).map((cell) => textOf(cell))),
});

/** What is not shown of rows, and of columns. */
const tableNotes = ({ columns, rowCount }: Rows, shown: number): string[] => [
  ...(rowCount === 0 ? ['No rows'] : []),
  ...(rowCount !== shown
    ? [`The first ${inWords(shown)} of ${rowCount === null ? 'many more' : inWords(rowCount)} rows`]
    : []),
  ...(columns.length > maxTableColumns ? [`The first ${maxTableColumns} of ${columns.length} columns`] : []),
];

const drawnNotes = ({ rows, rowCount }: Rows): string[] => {
  if (rowCount === 0) return ['No rows'];
  return rowCount === rows.length
    ? []
    : [`The first ${inWords(rows.length)} of ${rowCount === null ? 'many more' : inWords(rowCount)} rows`];
};

/** The picture says its notes itself. */
const chartOf = async (
  section: Section,
  rows: Rows,
  signal: AbortSignal,
): Promise<{ blocks: Block[]; notes: readonly string[] }> => {
  if (section.chart === undefined) return { blocks: [], notes: [] };
  const picture = pictureOf(section.chart, rows, drawnNotes(rows));
  const { png } = await sharedPainter.paint(picture, signal);
  const { width, height, notes = [] } = picture;
  const alt = [section.chart.title ?? section.heading, ...notes].join('. ');
  return { blocks: [{ kind: 'picture', png, width, height, alt: `Chart: ${alt}` }], notes };
};

/** Lines of tables that a report may have: with more of them the pages take more memory than a process has. */
export const maxLines = 20_000;

/** About the lines of a row on a page: a cell has six at most. */
const linesOf = (row: readonly (string | null)[]): number =>
  row.reduce((sum, cell) => sum + Math.min(6, Math.max(1, Math.ceil((cell ?? '').length / 20))), 0);

/** As many rows as there is room for. */
const withinRoom = (table: DocumentTable, room: number): DocumentTable => {
  let left = room;
  const end = table.rows.findIndex((row) => (left -= linesOf(row)) < 0);
  return end < 0 ? table : { ...table, rows: table.rows.slice(0, end) };
};

/**
 * Runs the statement of a section, draws its rows and makes a table of them.
 * @param room lines of tables that the report still has room for
 */
export const filledSection = async (
  section: Section,
  sources: readonly StagedSource[],
  room: number,
  signal: AbortSignal,
): Promise<Filled> => {
  const texts = textBlocks(section.text ?? '');
  const { sql, chart, max_rows: limit } = section;
  if (sql === undefined) return { section, rows: undefined, blocks: texts, shown: 0, lines: 0, notes: [] };
  const keepRows = chart === undefined ? limit : maxDrawn;
  const rows = await sharedSandboxes.run({ sources, sql, chart, keepRows }, signal);
  const drawn = await chartOf(section, rows, signal);
  if (!(section.table ?? chart === undefined)) {
    return { section, rows, blocks: [...texts, ...drawn.blocks], shown: 0, lines: 0, notes: drawn.notes };
  }
  const table = withinRoom(tableOf(rows.columns, rows.rows.slice(0, limit)), room);
  const shown = table.rows.length;
  const notes = tableNotes(rows, shown);
  return {
    section,
    rows,
    blocks: [...texts, ...drawn.blocks, table, ...notes.map((text) => ({ kind: 'note' as const, text }))],
    shown,
    lines: table.rows.reduce((sum, row) => sum + linesOf(row), 0),
    notes: [...drawn.notes, ...notes],
  };
};
