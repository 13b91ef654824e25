// A report as Markdown (GitHub's), with its pictures as files beside it. Foreign texts are escaped: none becomes markup.
import { type Block, dayOf, type DocumentTable, type ReportDocument } from '../print/document.js';

/** A text within a line: no markup, no entity, no HTML, and no address that becomes a link. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>#|~&@]/g, '\\$&')
    .replaceAll(/:(?=\/\/)/g, '\\:')
    .replaceAll(/(?<=www)\./gi, '\\.');

/** A text that begins a line, where more signs have a meaning. */
const line = (text: string): string =>
  escaped(text)
    .replace(/^[-+=:]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const tableOf = ({ columns, rows }: DocumentTable): string =>
  [
    row(columns.map(({ name }) => escaped(name))),
    row(columns.map(({ isNumeric }) => (isNumeric ? '---:' : '---'))),
    ...rows.map((cells) => row(cells.map((cell) => (cell === null ? '*NULL*' : escaped(cell))))),
  ].join('\n');

const lightsOf = ({ items }: Extract<Block, { kind: 'lights' }>): string =>
  items
    .map(
      ({ name, state, isOn, text }) => `- ${isOn ? '●' : '○'} **${escaped(name)}** ${escaped(state)}: ${escaped(text)}`,
    )
    .join('\n');

const blockOf = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return line(block.text);
    case 'note':
      return `> ${line(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${line(item)}`).join('\n');
    case 'lights':
      return lightsOf(block);
    case 'table':
      return tableOf(block);
    case 'picture':
      return block.file === undefined ? `*${escaped(block.alt)}*` : `![${escaped(block.alt)}](${block.file})`;
  }
};

/** The whole file. */
export const markdownOf = (report: ReportDocument): string => {
  const { title, subtitle, author, evidence, sections } = report;
  const made = [author, dayOf(report)].filter((part) => part !== undefined && part !== '');
  return [
    `# ${escaped(title)}`,
    ...(subtitle === undefined ? [] : [line(subtitle)]),
    line(made.join(' · ')),
    ...(evidence.length === 0 ? [] : [evidence.map((one) => `- ${line(one)}`).join('\n')]),
    ...sections.flatMap(({ heading, blocks }) => [`## ${escaped(heading)}`, ...blocks.map(blockOf)]),
    '',
  ].join('\n\n');
};
