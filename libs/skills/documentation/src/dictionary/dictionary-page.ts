// A data dictionary as a page in Markdown.
import { descriptionCell, descriptionMarkdown } from '../reference/description.js';
import { markdownCode, markdownText } from '../reference/markdown-page.js';
import { type Column, type ForeignKey, isUniqueInData, type Measured, type Table } from './dictionary.js';
import { mermaidEr } from './mermaid-er.js';

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const notKnown = 'not known';

const nullText = ({ nullable, measured }: Column): string => {
  if (nullable !== undefined) return nullable ? 'may be null' : 'never null';
  if (measured === undefined) return notKnown;
  return measured.nulls === 0 ? 'none in the data' : `${measured.nulls} in the data`;
};

const measuredText = ({ distinct, distinctIsExact, range }: Measured): string[] => [
  ...(distinct === undefined ? [] : [`${distinctIsExact ? '' : 'about '}${distinct} distinct values`]),
  ...(range === undefined ? [] : [`from ${markdownCode(range[0])} to ${markdownCode(range[1])}`]),
];

const keyText = (table: Table, column: Column): string => {
  const marks = [
    ...(table.primaryKey?.includes(column.name) === true ? ['primary key'] : []),
    ...(column.unique === true && table.primaryKey?.includes(column.name) !== true ? ['unique'] : []),
    ...(isUniqueInData(column, table.rows) ? ['unique in the data'] : []),
  ];
  return marks.join(', ');
};

const columnRow = (table: Table, column: Column): string => {
  const { name, type, description, facts, examples, measured } = column;
  const words = [
    description === undefined ? `*${notKnown}*` : descriptionCell(description),
    ...facts.map(markdownText),
    ...(measured === undefined ? [] : measuredText(measured)),
    ...(examples.length === 0 ? [] : [`for example ${examples.map(markdownCode).join(', ')}`]),
  ];
  return row(
    markdownCode(name),
    type === undefined ? notKnown : markdownCode(type),
    nullText(column),
    keyText(table, column),
    words.join('; '),
  );
};

const referenceText = ({ columns, table, referenced, observed }: ForeignKey): string => {
  const to =
    referenced.length === 0
      ? markdownCode(table)
      : referenced.map((name) => markdownCode(`${table}.${name}`)).join(', ');
  const seen = observed === undefined ? '' : ` (seen in the data: all ${observed} values are there; not declared)`;
  return `- ${columns.map(markdownCode).join(', ')} refers to ${to}${seen}\n`;
};

const tableText = (table: Table): string => {
  const { name, reference, rows, description, columns, primaryKey, foreignKeys } = table;
  const facts = [
    `${columns.length} columns`,
    rows === undefined ? `number of rows ${notKnown}` : `${rows} rows`,
    ...(reference === undefined ? [] : [markdownCode(reference)]),
  ];
  const key =
    primaryKey === undefined ? `Primary key: ${notKnown}.` : `Primary key: ${primaryKey.map(markdownCode).join(', ')}.`;
  return [
    `## ${markdownText(name)}\n\n`,
    description === undefined
      ? `*What a row stands for is ${notKnown}.*\n\n`
      : `${descriptionMarkdown(description)}\n\n`,
    `${facts.join(', ')}. ${key}\n\n`,
    row('Column', 'Type', 'Nulls', 'Key', 'Description'),
    row('---', '---', '---', '---', '---'),
    ...columns.map((column) => columnRow(table, column)),
    '\n',
    foreignKeys.length === 0 ? '' : `${foreignKeys.map(referenceText).join('')}\n`,
  ].join('');
};

/** @param notes what else the reader must know */
export const dictionaryPage = (title: string, tables: readonly Table[], notes: readonly string[]): string => {
  const { text, leftOut } = mermaidEr(tables);
  return [
    `# ${markdownText(title)}\n\n`,
    `What is ${notKnown} is said so: it was neither given nor can it be seen in the data.\n\n`,
    `\`\`\`mermaid\n${text}\`\`\`\n\n`,
    leftOut === 0 ? '' : `${leftOut} tables are left out of the diagram.\n\n`,
    notes.length === 0 ? '' : `${notes.map((note) => `- ${markdownText(note)}\n`).join('')}\n`,
    ...tables.map(tableText),
  ].join('');
};
